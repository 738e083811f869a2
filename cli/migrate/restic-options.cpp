// SPDX-License-Identifier: MIT
#include "cli/migrate/restic-options.hpp"

#include "job/normal-path.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <format>
#include <unistd.h>
#include <utility>

namespace igotchuu::migrate
{

namespace
{

/// What becomes of an option.
enum class Fate : std::uint8_t {
    exclude,
    exclude_caches,
    job_argument,
    repository_argument,
    option,
    compression,
    limit_upload,
    limit_download,
    pack_size,
    location,
    location_file,
    password_file,
    password_command,
    left_out,
    fault,
};
enum class Takes : std::uint8_t { nothing, value, file };

struct Option {
    std::string_view name;
    char letter; ///< 0: none
    Takes takes;
    Fate fate;
    std::string_view why{};
};

constexpr std::string_view ours = "igotchuu sets it itself";
constexpr std::string_view a_terminals = "igotchuu reads and shows what restic says itself";
constexpr std::string_view only_paths = "igotchuu backs up the directories that a job's file names: put them into \"sources\"";

/// restic 0.18's, of `restic backup`.
constexpr Option options[] = {
    {"exclude", 'e', Takes::value, Fate::exclude},
    {"exclude-caches", 0, Takes::nothing, Fate::exclude_caches},
    {"exclude-file", 0, Takes::file, Fate::job_argument},
    {"iexclude", 0, Takes::value, Fate::job_argument},
    {"iexclude-file", 0, Takes::file, Fate::job_argument},
    {"exclude-if-present", 0, Takes::value, Fate::job_argument},
    {"exclude-larger-than", 0, Takes::value, Fate::job_argument},
    {"exclude-cloud-files", 0, Takes::nothing, Fate::job_argument},
    {"tag", 0, Takes::value, Fate::job_argument},
    {"with-atime", 0, Takes::nothing, Fate::job_argument},
    {"ignore-inode", 0, Takes::nothing, Fate::job_argument},
    {"ignore-ctime", 0, Takes::nothing, Fate::job_argument},
    {"force", 'f', Takes::nothing, Fate::job_argument},
    {"no-scan", 0, Takes::nothing, Fate::job_argument},
    {"read-concurrency", 0, Takes::value, Fate::job_argument},
    {"cacert", 0, Takes::file, Fate::repository_argument},
    {"tls-client-cert", 0, Takes::file, Fate::repository_argument},
    {"insecure-tls", 0, Takes::nothing, Fate::repository_argument},
    {"no-extra-verify", 0, Takes::nothing, Fate::repository_argument},
    {"http-user-agent", 0, Takes::value, Fate::repository_argument},
    {"stuck-request-timeout", 0, Takes::value, Fate::repository_argument},
    {"key-hint", 0, Takes::value, Fate::repository_argument},
    {"option", 'o', Takes::value, Fate::option},
    {"compression", 0, Takes::value, Fate::compression},
    {"limit-upload", 0, Takes::value, Fate::limit_upload},
    {"limit-download", 0, Takes::value, Fate::limit_download},
    {"pack-size", 0, Takes::value, Fate::pack_size},
    {"repo", 'r', Takes::value, Fate::location},
    {"repository-file", 0, Takes::file, Fate::location_file},
    {"password-file", 'p', Takes::file, Fate::password_file},
    {"password-command", 0, Takes::value, Fate::password_command},
    {"one-file-system", 'x', Takes::nothing, Fate::left_out,
     "subvolumes inside a source are backed up with it; other file systems below it only where \"sources\" or \"live\" names them"},
    {"skip-if-unchanged", 0, Takes::nothing, Fate::left_out,
     "a run of which nothing has changed makes no snapshot: full-every-days"},
    {"host", 'H', Takes::value, Fate::left_out, "a snapshot has the name of this machine"},
    {"time", 0, Takes::value, Fate::left_out, "a snapshot has the time of its instant"},
    {"parent", 0, Takes::value, Fate::left_out, ours},
    {"group-by", 'g', Takes::value, Fate::left_out, ours},
    {"retry-lock", 0, Takes::value, Fate::left_out, "igotchuu waits for a lock by itself: answer-timeout"},
    {"no-lock", 0, Takes::nothing, Fate::left_out, ours},
    {"cache-dir", 0, Takes::value, Fate::left_out, ours},
    {"no-cache", 0, Takes::nothing, Fate::left_out, ours},
    {"cleanup-cache", 0, Takes::nothing, Fate::left_out, ours},
    {"json", 0, Takes::nothing, Fate::left_out, a_terminals},
    {"quiet", 'q', Takes::nothing, Fate::left_out, a_terminals},
    {"verbose", 'v', Takes::nothing, Fate::left_out, a_terminals},
    {"dry-run", 'n', Takes::nothing, Fate::fault, "it would back up nothing: there is nothing to carry over"},
    {"insecure-no-password", 0, Takes::nothing, Fate::fault, "igotchuu opens no repository that has no password: restic key add"},
    {"files-from", 0, Takes::value, Fate::fault, only_paths},
    {"files-from-verbatim", 0, Takes::value, Fate::fault, only_paths},
    {"files-from-raw", 0, Takes::value, Fate::fault, only_paths},
    {"stdin", 0, Takes::nothing, Fate::fault, only_paths},
    {"stdin-filename", 0, Takes::value, Fate::fault, only_paths},
    {"stdin-from-command", 0, Takes::nothing, Fate::fault, only_paths},
};

/// One that was given.
struct Given {
    const Option *option;
    Text value;
};

class Taker
{
public:
    Taker(Found &found, Findings &findings) : found_{found}, findings_{findings}
    {
        if (!found_.target)
            found_.target.emplace();
    }

    void take(const Given &given)
    {
        const auto &[option, value] = given;
        auto &repository = found_.target->repository;
        const auto whole =
            option->takes == Takes::nothing ? std::format("--{}", option->name) : std::format("--{}={}", option->name, value.text);
        if (option->takes == Takes::file && !normal_path(value.text))
            return fault(given,
                         std::format("\"{}\" is no absolute path, and igotchuu cannot know from where it counts", value.text));
        switch (option->fate) {
        case Fate::exclude:
            return found_.job.exclude.push_back(value.text);
        case Fate::exclude_caches:
            found_.job.exclude_caches = true;
            return;
        case Fate::job_argument:
            return found_.job.restic_args.push_back(whole);
        case Fate::repository_argument:
            return repository.restic_args.push_back(whole);
        case Fate::option:
            return repository.options.push_back(value.text);
        case Fate::compression:
            repository.compression = value.text;
            return;
        case Fate::limit_upload:
            return number(given, repository.limit_upload);
        case Fate::limit_download:
            return number(given, repository.limit_download);
        case Fate::pack_size:
            return number(given, repository.pack_size);
        case Fate::location:
            repository.location = value.text;
            return;
        case Fate::location_file:
            found_.target->location_file = value.text;
            return;
        case Fate::password_file:
            repository.password.file = value.text;
            return;
        case Fate::password_command:
            return take_password_command(value, *found_.target, findings_);
        case Fate::left_out:
            findings_.warnings.push_back(value.place.says(std::format("--{}: left out: {}", option->name, option->why)));
            return;
        case Fate::fault:
            return fault(given, option->why);
        }
    }

private:
    void fault(const Given &given, std::string_view why)
    {
        findings_.faults.push_back(given.value.place.says(std::format("--{}: {}", given.option->name, why)));
    }
    void number(const Given &given, std::uint32_t &to)
    {
        const auto &text = given.value.text;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), to);
        if (error != std::errc{} || rest != text.data() + text.size())
            fault(given, std::format("\"{}\" is no whole number", text));
    }

    Found &found_;
    Findings &findings_;
};

/// Tells options, their values and other words apart, as restic's pflag(3) does.
class Splitter
{
public:
    Splitter(std::span<const Text> arguments, Findings &findings) : arguments_{arguments}, findings_{findings} {}

    void split()
    {
        for (bool only_words = false; !arguments_.empty();) {
            const auto word = next();
            if (only_words || !word.text.starts_with('-') || word.text == "-")
                words.push_back(word);
            else if (word.text == "--")
                only_words = true;
            else if (word.text.starts_with("--"))
                long_option(word);
            else
                letters(word);
        }
    }

    std::vector<Given> given{};
    std::vector<Text> words{};

private:
    Text next()
    {
        auto word = arguments_.front();
        arguments_ = arguments_.subspan(1);
        return word;
    }
    void long_option(const Text &word)
    {
        const auto equals = word.text.find('=');
        const auto name = std::string_view{word.text}.substr(2, equals == std::string::npos ? equals : equals - 2);
        const auto *const option = std::ranges::find(options, name, &Option::name);
        if (option == std::end(options))
            return unknown(word, std::format("--{}", name));
        if (equals != std::string::npos)
            given.push_back({option, {word.text.substr(equals + 1), word.place}});
        else
            with_next(*option, word);
    }
    void letters(const Text &word)
    {
        for (std::size_t at = 1; at < word.text.size(); ++at) {
            const auto *const option = std::ranges::find(options, word.text[at], &Option::letter);
            if (option == std::end(options))
                return unknown(word, std::format("-{}", word.text[at]));
            if (option->takes == Takes::nothing) {
                given.push_back({option, {{}, word.place}});
                continue;
            }
            auto rest = word.text.substr(at + 1);
            if (rest.empty())
                return with_next(*option, word);
            given.push_back({option, {rest.starts_with('=') ? rest.substr(1) : rest, word.place}});
            return;
        }
    }
    void with_next(const Option &option, const Text &word)
    {
        if (option.takes == Takes::nothing)
            given.push_back({&option, {{}, word.place}});
        else if (arguments_.empty())
            findings_.faults.push_back(word.place.says(std::format("{}: its value is missing", word.text)));
        else
            given.push_back({&option, next()});
    }
    void unknown(const Text &word, std::string_view option)
    {
        std::vector<std::string_view> names;
        std::ranges::transform(options, std::back_inserter(names), &Option::name);
        const auto near = nearest(option.substr(option.find_first_not_of('-')), names);
        findings_.faults.push_back(
            word.place.says(std::format("{}: is no option of restic backup that igotchuu knows{}", option,
                                        near.empty() ? std::string{} : std::format("; did you mean \"--{}\"?", near))));
    }

    std::span<const Text> arguments_;
    Findings &findings_;
};

/// As restic splits it: at blanks that are in no quotes; a backslash is one.
std::vector<std::string> words_of(std::string_view line)
{
    std::vector<std::string> words;
    char quote = 0;
    bool in_word = false;
    for (const char c : line) {
        if (quote == 0 && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true))
            words.emplace_back();
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        else
            words.back() += c;
    }
    return words;
}

/// Those that restic or a program that it starts take from there (restic's manual, "Environment Variables").
bool is_of_a_backend(std::string_view name)
{
    constexpr std::string_view families[] = {"AWS_", "AZURE_", "B2_", "GOOGLE_", "OS_", "RCLONE_", "RESTIC_REST_", "ST_"};
    constexpr std::string_view others[] = {"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"};
    return std::ranges::contains(others, name) ||
           std::ranges::any_of(families, [&](std::string_view family) { return name.starts_with(family); });
}

/// Their value is the path of a file with the secret in it.
bool is_path_of_a_secret(std::string_view name)
{
    constexpr std::string_view paths[] = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
                                          "GOOGLE_APPLICATION_CREDENTIALS", "RCLONE_CONFIG"};
    return std::ranges::contains(paths, name);
}

/// The option that a variable of restic's stands for; empty: none.
std::string_view option_of_variable(std::string_view name)
{
    constexpr std::pair<std::string_view, std::string_view> all[] = {
        {"RESTIC_REPOSITORY", "repo"},
        {"RESTIC_REPOSITORY_FILE", "repository-file"},
        {"RESTIC_PASSWORD_FILE", "password-file"},
        {"RESTIC_PASSWORD_COMMAND", "password-command"},
        {"RESTIC_KEY_HINT", "key-hint"},
        {"RESTIC_CACERT", "cacert"},
        {"RESTIC_TLS_CLIENT_CERT", "tls-client-cert"},
        {"RESTIC_COMPRESSION", "compression"},
        {"RESTIC_PACK_SIZE", "pack-size"},
        {"RESTIC_READ_CONCURRENCY", "read-concurrency"},
        {"RESTIC_HOST", "host"},
        {"RESTIC_CACHE_DIR", "cache-dir"},
    };
    const auto *const found = std::ranges::find(all, name, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(all) ? std::string_view{} : found->second;
}

} // namespace

std::vector<Text> take_arguments(std::span<const Text> arguments, Found &found, Findings &findings)
{
    Splitter splitter{arguments, findings};
    splitter.split();
    Taker taker{found, findings};
    for (const auto &given : splitter.given)
        taker.take(given);
    return std::move(splitter.words);
}

bool is_option(std::string_view name)
{
    return std::ranges::contains(options, name, &Option::name);
}

bool take_keep(std::string_view name, const Text &value, Job &job, Findings &findings)
{
    constexpr std::string_view keep = "keep-";
    if (!name.starts_with(keep))
        return false;
    name.remove_prefix(keep.size());
    constexpr std::string_view rules[] = {
        "last",          "hourly",       "daily",         "weekly",         "monthly",       "yearly", "within",
        "within-hourly", "within-daily", "within-weekly", "within-monthly", "within-yearly", "tag"};
    if (!std::ranges::contains(rules, name))
        return false;
    if (value.text == "unlimited" || value.text == "-1")
        findings.faults.push_back(value.place.says(std::format("keep-{}: \"{}\": igotchuu wants a number", name, value.text)));
    else if (value.text != "0") // as if it were not there
        job.keep.push_back({std::string{name}, value.text});
    return true;
}

void take_variable(std::string_view name, const Text &value, Found &found, Findings &findings)
{
    if (!found.target)
        found.target.emplace();
    if (const auto option = option_of_variable(name); !option.empty()) {
        const Text argument{std::format("--{}={}", option, value.text), value.place};
        take_arguments(std::span{&argument, 1}, found, findings);
    } else if (name == "RESTIC_PASSWORD")
        found.target->password = value.text;
    else if (is_path_of_a_secret(name) && normal_path(value.text))
        found.target->repository.environment.push_back({std::string{name}, VariableForm::path, value.text});
    else if (is_of_a_backend(name))
        found.target->variables.emplace_back(name, value.text);
    else
        findings.warnings.push_back(value.place.says(std::format(
            "{}: left out: {}", name, name.starts_with("RESTIC_") ? ours : "igotchuu hands restic only what a repository needs")));
}

void take_source(const Text &source, Job &job, Findings &findings)
{
    const auto path = normal_path(source.text);
    if (!path)
        findings.faults.push_back(source.place.says(std::format("\"{}\" cannot be a source: {}", source.text, path.error())));
    else if (!std::ranges::contains(job.sources, *path))
        job.sources.push_back(*path);
}

void take_password_command(const Text &line, Target &target, Findings &findings)
{
    auto words = words_of(line.text);
    if (words.empty())
        return findings.faults.push_back(line.place.says("the command that prints the password is empty"));
    find_program(words, line.place, findings);
    target.repository.password.command = std::move(words);
}

void find_program(std::vector<std::string> &words, const Place &place, Findings &findings)
{
    auto &program = words.front();
    if (program.starts_with('/'))
        return;
    if (!program.contains('/'))
        for (const auto *const directory :
             {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/run/current-system/sw/bin"})
            if (auto path = std::format("{}/{}", directory, program); access(path.c_str(), X_OK) == 0) {
                findings.warnings.push_back(place.says(std::format("{} is taken to be {}", program, path)));
                program = std::move(path);
                return;
            }
    findings.faults.push_back(
        place.says(std::format("there is no program {} on this machine: write its absolute path instead", program)));
}

void say_what_is_frozen(const Place &place, Findings &findings)
{
    findings.warnings.push_back(place.says(
        "to be known: igotchuu freezes the sources, as btrfs and ZFS can; on another file system the job needs snapshot = "
        "\"lvm-thin\" or \"none\". What is mounted below a source is named, and backed up where \"sources\" or \"live\" names it"));
}

} // namespace igotchuu::migrate
