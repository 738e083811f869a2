// SPDX-License-Identifier: MIT
#include "cli/migrate/plan.hpp"

#include "cli/job-names.hpp"
#include "cli/migrate/file-text.hpp"
#include "cli/new-file.hpp"
#include "job/configuration.hpp"
#include "job/error.hpp"
#include "job/rclone-remote.hpp"
#include "job/redact.hpp"
#include "job/repository.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace igotchuu::migrate
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view configuration = "/etc/igotchuu", credential_store = "/etc/credstore";
constexpr mode_t for_all = 0644, for_root = 0600;

/// A name that a credential may have: that of the repository, as far as that goes, and what it is.
std::string credential_name(const std::string &repository, std::string_view what)
{
    auto name = std::format("{}-{}", repository, what);
    for (auto &c : name)
        if (!is_credential_name(std::string_view{&c, 1}) && c != '.')
            c = '-';
    return name;
}

std::string lower(std::string text)
{
    for (auto &c : text)
        c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::string first_line_of(const std::string &file)
{
    std::ifstream stream{file};
    std::string line;
    std::getline(stream, line);
    return line;
}

/// Gives a target its name, and each of its secrets a file of its own.
class Namer
{
public:
    Namer(Target &target, std::string name, Plan &plan) : target_{target}, plan_{plan}
    {
        target_.repository.name = std::move(name);
    }

    void give_names()
    {
        auto &repository = target_.repository;
        if (redacted_location(repository.location) != repository.location) {
            repository.location_from.credential = secret("location", repository.location, "where it is, with a password in it");
            repository.location.clear();
        }
        if (!target_.location_file.empty())
            take_location_file();
        if (!target_.password.empty())
            repository.password.credential = secret("password", target_.password, "its password");
        for (const auto &[name, value] : target_.variables)
            repository.environment.push_back({name, VariableForm::credential, secret(lower(name), value, name)});
    }

private:
    std::string secret(std::string_view what, const std::string &value, std::string_view said)
    {
        auto id = credential_name(target_.repository.name, what);
        plan_.push_back({std::format("{}/{}", credential_store, id), value + '\n', for_root, std::string{said}});
        return id;
    }

    /// A unit has to know a repository on this machine; another one is read from the file by each run.
    void take_location_file()
    {
        auto &repository = target_.repository;
        repository.location = first_line_of(target_.location_file);
        if (!repository.local_path().empty())
            return;
        repository.location.clear();
        repository.location_from.credential = credential_name(repository.name, "location");
        repository.load_credentials.push_back(std::format("{}:{}", repository.location_from.credential, target_.location_file));
    }

    Target &target_;
    Plan &plan_;
};

/// Why a job cannot be called so; empty: it can.
std::string no_name(const std::string &name)
try {
    static_cast<void>(instance_of(name));
    return name.starts_with('.') ? "a job's name does not begin with a dot: a file of such a name is hidden" : std::string{};
} catch (const std::invalid_argument &error) {
    return error.what();
}

/// What no file of ours could do without.
void require_whole(const Found &found, const std::string &file, Findings &findings)
{
    const auto lacks = [&](std::string_view what) {
        findings.faults.push_back({file, 0, 0, std::format("{}: {}", found.job.name, what)});
    };
    if (const auto why = no_name(found.job.name); !why.empty())
        lacks(why);
    if (found.job.sources.empty())
        lacks("nothing says what it backs up");
    if (!found.target)
        return;
    const auto &[repository, location_file, password, variables] = *found.target;
    if (repository.location.empty() && location_file.empty())
        lacks("nothing says where its repository is; if restic got that from the environment of its unit: --from systemd-restic "
              "takes "
              "the unit, or write it into a copy of this file");
    if (!repository.location.empty() && !location_file.empty())
        lacks("its repository is named twice, by its location and by a file that holds it");
    if (const auto secret = secret_parameter(repository.location); !secret.empty())
        lacks(std::format("everybody could read the parameter \"{}\" of its repository among the arguments of rclone: define that "
                          "remote in a file of rclone's, and write its name alone into a copy of this file",
                          secret));
    const auto passwords = !repository.password.file.empty() + !repository.password.command.empty() + !password.empty();
    if (passwords != 1)
        lacks(passwords == 0 ? "nothing says where its repository's password is"
                             : "more than one key says what its repository's password is");
}

class Planner
{
public:
    explicit Planner(const std::string &file) : file_{file} {}

    void add(Found &found)
    {
        if (found.target)
            name_target(*found.target, found.job.name);
        jobs_.push_back({std::format("{}/jobs/{}.toml", configuration, found.job.name), text_of(found, file_), for_all, {}});
    }
    [[nodiscard]] Plan all() &&
    {
        std::ranges::move(repositories_, std::back_inserter(secrets_));
        std::ranges::move(jobs_, std::back_inserter(secrets_));
        return std::move(secrets_);
    }

private:
    /// As the one that it equals, or as the job.
    void name_target(Target &target, const std::string &job)
    {
        if (const auto same = std::ranges::find(nameless_, target); same != nameless_.end()) {
            target = named_[static_cast<std::size_t>(same - nameless_.begin())];
            return;
        }
        nameless_.push_back(target);
        Namer{target, job, secrets_}.give_names();
        named_.push_back(target);
        repositories_.push_back(
            {std::format("{}/repositories/{}.toml", configuration, job), text_of(target.repository, file_), for_all, {}});
    }

    const std::string &file_;
    std::vector<Target> nameless_, named_; ///< the same ones
    Plan secrets_, repositories_, jobs_;
};

fs::path below(const fs::path &root, const fs::path &place)
{
    return root.empty() ? place : root / place.relative_path();
}

/// Text that is no secret, written where nobody but root looks.
class Staged
{
public:
    Staged(const Plan &plan, const fs::path &root) : root_{root}
    {
        const auto run = below(root, "/run");
        fs::create_directories(run);
        auto name = (run / "igotchuu-migrate.XXXXXX").native();
        if (mkdtemp(name.data()) == nullptr)
            fail(errno, "cannot make {}", name);
        directory_ = name;
        for (const auto &file : plan)
            if (file.secret.empty()) {
                const auto place = directory_ / fs::path{file.place}.lexically_relative(configuration);
                fs::create_directories(place.parent_path());
                std::ofstream stream{place};
                stream << file.text;
                if (!stream.flush())
                    fail(errno, "cannot write {}", place.native());
                fs::permissions(place, fs::perms{for_all});
            }
    }
    ~Staged()
    {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }
    Staged(const Staged &) = delete;
    Staged &operator=(const Staged &) = delete;

    /// Without the root, as a SearchPath wants it.
    [[nodiscard]] std::string directory() const
    {
        return root_.empty() ? directory_.native() : '/' + directory_.lexically_relative(root_).native();
    }

private:
    fs::path root_, directory_;
};

std::string replaced(std::string text, const std::string &what, std::string_view by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

std::vector<Diagnostic> in_place(std::vector<Diagnostic> diagnostics, const std::string &staged)
{
    for (auto &one : diagnostics) {
        one.file = replaced(one.file, staged, configuration);
        one.message = replaced(one.message, staged, configuration);
    }
    return diagnostics;
}

void append_once(std::vector<Diagnostic> &to, const std::vector<Diagnostic> &more)
{
    std::ranges::copy_if(more, std::back_inserter(to), [&](const Diagnostic &one) { return !std::ranges::contains(to, one); });
}

/// Systemd's rules leave the first one that is found: what is there in /run, say, would be hidden by a new file in /etc.
void find_taken(const Plan &plan, const SearchPath &path, Findings &findings)
{
    const auto jobs = jobs_with_files(path);
    for (const auto &file : plan) {
        const fs::path place{file.place};
        const bool is_job = place.parent_path().filename() == "jobs";
        if (std::error_code error; fs::exists(fs::symlink_status(below(path.root, place), error)))
            findings.faults.push_back(
                {file.place, 0, 0,
                 "is there already, and is never replaced: move it away, or migrate a copy that calls this otherwise"});
        else if (is_job && std::ranges::contains(jobs, place.stem().native(), &JobName::name))
            findings.faults.push_back(
                {file.place, 0, 0, "would hide the job of this name that there is: igotchuu show says where"});
    }
}

void make_directory(const fs::path &directory, mode_t mode)
{
    if (fs::create_directory(directory)) // whatever the umask is
        fs::permissions(directory, fs::perms{mode});
}

} // namespace

std::string name_of(const Input &input, const std::string &otherwise)
{
    auto stem = fs::path{input.file}.stem().native();
    return input.file.starts_with("/dev/") || stem.empty() ? otherwise : stem;
}

Plan plan_of(Migration &migration, const std::string &file)
{
    for (const auto &found : migration.found)
        require_whole(found, file, migration.findings);
    Planner planner{file};
    for (auto &found : migration.found)
        planner.add(found);
    return std::move(planner).all();
}

void check(const Plan &plan, const SearchPath &path, Findings &findings)
{
    find_taken(plan, path, findings);
    const Staged staged{plan, path.root};
    auto with_staged = path;
    with_staged.directories.insert(with_staged.directories.begin(), staged.directory());
    Configuration configured{with_staged};
    for (const auto &file : find_files(with_staged, "jobs"))
        if (file.path.starts_with(staged.directory()))
            try {
                const auto job = configured.job(file, instance_of(file.name));
                append_once(findings.faults,
                            in_place(job ? std::vector<Diagnostic>{} : job.error().diagnostics(), staged.directory()));
                append_once(findings.warnings, in_place(job ? job->warnings : std::vector<Diagnostic>{}, staged.directory()));
            } catch (const std::invalid_argument &error) {
                append_once(findings.faults, in_place({{file.path, 0, 0, error.what()}}, staged.directory()));
            }
}

void write(const Plan &plan)
{
    make_directory(configuration, 0755);
    for (const auto *const kind : {"jobs", "repositories"})
        make_directory(fs::path{configuration} / kind, 0755);
    if (std::ranges::any_of(plan, [](const PlannedFile &file) { return !file.secret.empty(); }))
        make_directory(credential_store, 0700); // tmpfiles.d/credstore.conf
    NewFiles files;
    for (const auto &file : plan)
        files.land(file.place, file.text, file.mode);
    files.stay();
}

} // namespace igotchuu::migrate
