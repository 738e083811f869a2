// SPDX-License-Identifier: MIT
#include "cli/migrate/restic-options.hpp"
#include "cli/migrate/unit-file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>

namespace igotchuu::migrate
{

namespace
{

namespace fs = std::filesystem;
using Lines = std::vector<UnitLine>;

std::string content_of(const fs::path &file)
{
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

/// What systemd gives restic. EnvironmentFile= comes after Environment=, whatever the order of the lines.
class Environment
{
public:
    Environment(const Lines &lines, Findings &findings) : findings_{findings}
    {
        for (const auto &line : list_of(lines, "Service", "Environment"))
            for (const auto &[word, place] : words_of(line, findings))
                if (const auto equals = word.find('='); equals != std::string::npos)
                    variables_[word.substr(0, equals)] = {word.substr(equals + 1), place};
                else
                    findings.faults.push_back(place.says("Environment=: is not NAME=VALUE"));
        for (const auto &line : list_of(lines, "Service", "EnvironmentFile"))
            for (const auto &word : words_of(line, findings))
                add_file(word);
    }

    [[nodiscard]] const std::map<std::string, Text> &all() const noexcept { return variables_; }

    /// As systemd.service(5) does it, COMMAND LINES: ${NAME} in a word; $NAME alone, at blanks.
    std::vector<Text> filled_in(const std::vector<Text> &words)
    {
        std::vector<Text> filled;
        for (const auto &[word, place] : words)
            if (word.size() > 1 && word.front() == '$' && word[1] != '{' && word[1] != '$')
                for (const auto part : std::views::split(value(word.substr(1), place), ' ')) {
                    if (const std::string text{std::string_view{part}}; !text.empty())
                        filled.push_back({text, place});
                }
            else
                filled.push_back({filled_in(word, place), place});
        return filled;
    }

private:
    void add_file(const Text &word)
    {
        const bool may_be_absent = word.text.starts_with('-');
        const auto file = word.text.substr(may_be_absent ? 1 : 0);
        if (!fs::exists(file)) {
            if (!may_be_absent)
                findings_.faults.push_back(word.place.says(std::format("EnvironmentFile=: there is no file {}", file)));
            return;
        }
        const auto text = content_of(file);
        for (const auto &line : read_environment(file, text, findings_))
            variables_[line.key] = {line.value, word.place};
    }
    std::string value(const std::string &name, const Place &place)
    {
        if (const auto found = variables_.find(name); found != variables_.end())
            return found->second.text;
        findings_.faults.push_back(place.says(std::format("ExecStart=: the unit does not say what ${} is", name)));
        return {};
    }
    std::string filled_in(std::string_view word, const Place &place)
    {
        std::string text;
        while (!word.empty()) {
            const auto end = word.find('}');
            if (word.starts_with("$$")) {
                text += '$';
                word.remove_prefix(2);
            } else if (word.starts_with("${") && end != word.npos) {
                text += value(std::string{word.substr(2, end - 2)}, place);
                word.remove_prefix(end + 1);
            } else {
                text += word.front();
                word.remove_prefix(1);
            }
        }
        return text;
    }

    Findings &findings_;
    std::map<std::string, Text> variables_;
};

void left_out(const Place &place, std::string_view what, std::string_view why, Findings &findings)
{
    findings.warnings.push_back(place.says(std::format("{}: left out: {}", what, why)));
}

/// "-d7" as "--keep-daily=7", "-d" as "--keep-daily".
std::string without_letter(const std::string &word)
{
    constexpr std::pair<char, std::string_view> letters[] = {{'l', "last"},   {'H', "hourly"},  {'d', "daily"},
                                                             {'w', "weekly"}, {'m', "monthly"}, {'y', "yearly"}};
    const auto letter = word.size() > 1 && word[0] == '-'
                            ? std::ranges::find(letters, word[1], &std::pair<char, std::string_view>::first)
                            : std::end(letters);
    if (letter == std::end(letters))
        return word;
    const auto value = word.substr(word.size() > 2 && word[2] == '=' ? 3 : 2);
    return std::format("--keep-{}{}{}", letter->second, word.size() > 2 ? "=" : "", value);
}

/// Of `restic forget`: its rules; what it applies them to is ours to know.
void take_forget(std::span<const Text> words, Job &job, Findings &findings)
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto &[given, place] = words[i];
        const auto word = without_letter(given);
        const auto equals = word.find('=');
        const auto name = word.starts_with("--") ? word.substr(2, equals == word.npos ? equals : equals - 2) : std::string{};
        if (name.starts_with("keep-")) {
            if (equals == word.npos && i + 1 == words.size())
                findings.faults.push_back(place.says(std::format("{}: its value is missing", word)));
            else if (const Text value{equals == word.npos ? words[++i].text : word.substr(equals + 1), place};
                     !take_keep(name, value, job, findings))
                left_out(place, word, "igotchuu has no such rule", findings);
        } else if (name == "prune")
            left_out(place, "forget --prune", "the repository's maintenance does it: [maintenance] in its file", findings);
        else if (word.starts_with('-'))
            left_out(place, std::format("forget {}", word), "igotchuu forgets the job's own snapshots alone", findings);
    }
}

/// Takes the command lines of a unit that are restic's.
class Commands
{
public:
    Commands(Environment &environment, Found &found, Findings &findings)
        : environment_{environment}, found_{found}, findings_{findings}
    {
    }

    void take(const UnitLine &line)
    {
        const auto faults = findings_.faults.size();
        auto words = environment_.filled_in(words_of(line, findings_));
        if (words.empty() || findings_.faults.size() > faults)
            return;
        auto &program = words.front().text;
        const auto prefixes = program.substr(0, program.find_first_not_of("@-:+!"));
        program.erase(0, prefixes.size());
        if (prefixes.contains('@') && words.size() > 1) // what the program is to be called
            words.erase(words.begin() + 1);
        if (fs::path{program}.filename() != "restic")
            return left_out(line.place, line.key + '=',
                            std::format("{} is not restic, and what it does is not to be seen from here", program), findings_);
        words.erase(words.begin());
        const auto verb = std::ranges::find_if(words, is_verb);
        if (verb == words.end())
            return findings_.faults.push_back(
                line.place.says(std::format("{}=: restic is given no verb that igotchuu knows", line.key)));
        const auto name = verb->text;
        words.erase(verb);
        take(line, name, words);
    }

    [[nodiscard]] bool has_backup() const noexcept { return backups_ > 0; }

private:
    static bool is_verb(const Text &word)
    {
        constexpr std::string_view verbs[] = {"backup", "forget",    "prune", "check",   "unlock",
                                              "init",   "snapshots", "stats", "version", "cache"};
        return std::ranges::contains(verbs, word.text);
    }
    void take(const UnitLine &line, std::string_view verb, std::span<const Text> words)
    {
        if (verb == "forget")
            return take_forget(words, found_.job, findings_);
        if (verb == "prune" || verb == "check" || verb == "unlock")
            return left_out(line.place, std::format("restic {}", verb),
                            "the repository's maintenance does it: [maintenance] in its file", findings_);
        if (verb != "backup")
            return left_out(line.place, std::format("restic {}", verb), "no backup needs it", findings_);
        if (++backups_ > 1)
            findings_.faults.push_back(
                line.place.says(std::format("{}=: a second restic backup; a job is one: migrate a copy for each", line.key)));
        for (const auto &word : take_arguments(words, found_, findings_))
            take_source(word, found_.job, findings_);
    }

    Environment &environment_;
    Found &found_;
    Findings &findings_;
    int backups_ = 0;
};

/// How much of the machine a backup may take: the same in the job's [service].
bool is_limit(std::string_view key)
{
    constexpr std::string_view keys[] = {
        "Nice",     "CPUWeight",  "CPUQuota",  "CPUSchedulingPolicy", "IOSchedulingClass", "IOSchedulingPriority",
        "IOWeight", "MemoryHigh", "MemoryMax", "OOMScoreAdjust"};
    return std::ranges::contains(keys, key);
}

std::string_view why_left_out(const UnitLine &line)
{
    if (line.key == "User" || line.key == "Group")
        return "igotchuu@.service is root's, with few rights: keys and configuration of ssh or rclone have to be root's, too";
    if (line.section == "Install")
        return "a job with a [timer] needs none";
    if (line.section == "Timer")
        return "a job's timer starts its own unit";
    if (line.key.starts_with("OnFailure") || line.key.starts_with("OnSuccess"))
        return "notify.toml says who is told; or [unit] in the job's file";
    return "igotchuu@.service has its own; what it may be given stands in igotchuu.job(5)";
}

/// Keys that are no command and no environment.
void take_setting(const UnitLine &line, Found &found, Findings &findings)
{
    if (line.section == "Unit" && line.key == "Description")
        found.job.description = line.value;
    else if (line.section == "Timer" && line.key != "Unit" && line.key != "Description")
        found.job.timer.push_back({line.key, line.value});
    else if (line.section == "Service" && is_limit(line.key))
        found.job.service.push_back({line.key, line.value});
    else if (constexpr std::array taken{"ExecStartPre", "ExecStart", "ExecStartPost", "ExecStopPost", "Environment",
                                        "EnvironmentFile"};
             !std::ranges::contains(taken, line.key))
        left_out(line.place, std::format("{}=", line.key), why_left_out(line), findings);
}

/// Of a pipe from `systemctl cat`, what stands in its first line: "# /etc/systemd/system/restic.service".
std::string name_in(const std::string &text)
{
    const auto line = text.substr(0, text.find('\n'));
    return line.starts_with("# /") ? fs::path{line.substr(2)}.stem().native() : "restic";
}

/// The unit, and the timer of its name beside it, which starts it unless that says otherwise.
Lines lines_of(const Input &input, const std::string &timer, const std::string &timer_text, Findings &findings)
{
    auto lines = read_unit(input.file, input.text, findings);
    if (!timer_text.empty())
        std::ranges::copy_if(read_unit(timer, timer_text, findings), std::back_inserter(lines),
                             [](const UnitLine &line) { return line.section == "Timer"; });
    return lines;
}

} // namespace

void from_systemd_restic(const Input &input, Migration &migration)
{
    auto &findings = migration.findings;
    auto timer = fs::path{input.file}.replace_extension(".timer").native();
    const bool has_timer = input.file.ends_with(".service") && fs::exists(timer);
    const auto timer_text = has_timer ? content_of(timer) : std::string{};
    const auto lines = lines_of(input, timer, timer_text, findings);
    if (fs::exists(input.file + ".d"))
        findings.faults.push_back({input.file, 0, 0,
                                   "has drop-ins; all of it is migrated by: systemctl cat UNIT.service UNIT.timer | "
                                   "igotchuu migrate --from systemd-restic --write /dev/stdin"});
    Found found;
    found.job.name = name_of(input, name_in(input.text));
    Environment environment{lines, findings};
    for (const auto &[name, value] : environment.all())
        take_variable(name, value, found, findings);
    Commands commands{environment, found, findings};
    for (const auto *const key : {"ExecStartPre", "ExecStart", "ExecStartPost", "ExecStopPost"})
        for (const auto &line : list_of(lines, "Service", key))
            commands.take(line); // what it says comes before variables of the same
    for (const auto &line : lines)
        take_setting(line, found, findings);
    if (!commands.has_backup() && findings.faults.empty())
        findings.faults.push_back({input.file, 0, 0, "no ExecStart= of it is restic backup"});
    say_what_is_frozen({input.file}, findings);
    migration.found.push_back(std::move(found));
}

} // namespace igotchuu::migrate
