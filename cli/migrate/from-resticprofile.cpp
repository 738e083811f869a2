// SPDX-License-Identifier: MIT
#include "cli/migrate/restic-options.hpp"
#include "cli/migrate/section.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <filesystem>
#include <format>

namespace igotchuu::migrate
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view own_commands =
    "igotchuu runs a program with the keys hold, prepare and exec-before-snapshot, and tells one by notify.toml";
constexpr std::string_view of_maintenance = "the repository's maintenance does it: [maintenance] in its file";

bool is_path(std::string_view key)
{
    constexpr std::string_view paths[] = {"password-file",   "repository-file", "cacert",
                                          "tls-client-cert", "exclude-file",    "iexclude-file"};
    return std::ranges::contains(paths, key);
}

/// A key of a profile as restic's option: once for each text of a list, without a value where it is true, and not at all where it is false.
std::vector<Text> arguments_of(const Member &member, const fs::path &directory)
{
    std::vector<Text> arguments;
    if (const auto *const flag = std::get_if<bool>(&member.item.value)) {
        if (*flag)
            arguments.push_back({"--" + member.key, member.place});
        return arguments;
    }
    const auto *const list = std::get_if<List>(&member.item.value);
    for (const auto &item : list ? *list : List{member.item}) {
        auto text = scalar(item).value_or("");
        if (is_path(member.key) && !directory.empty() && !text.starts_with('~') &&
            !text.contains('$')) // resticprofile counts from its file
            text = (directory / text).lexically_normal().native();
        arguments.push_back({std::format("--{}={}", member.key, text), item.place});
    }
    return arguments;
}

/// Where its relative paths count from; empty: it comes through a pipe, and nobody knows.
fs::path directory_of(const std::string &file)
{
    const auto directory = fs::absolute(file).parent_path();
    const bool is_pipe = lies_below(directory.native(), "/dev") || lies_below(directory.native(), "/proc");
    return is_pipe ? fs::path{} : directory;
}

/// Makes a job of one profile, with all that it inherits.
class Profile
{
public:
    Profile(std::string name, Section section, fs::path directory, Findings &findings)
        : section_{std::move(section)}, directory_{std::move(directory)}, findings_{findings}
    {
        found_.job.name = std::move(name);
    }

    Found take()
    {
        if (const auto text = section_.text("description"))
            found_.job.description = text->text;
        take_variables();
        take_options(section_); // which come before variables of the same
        take_backup();
        take_retention("retention");
        take_retention("forget");
        for (const auto *const key : {"check", "prune", "unlock"})
            section_.leave_out(key, of_maintenance);
        for (const auto *const key : {"run-before", "run-after", "run-after-fail", "run-finally"})
            section_.leave_out(key, own_commands);
        section_.leave_out("env-file", "its variables: write them into \"env\" of a copy of this file");
        section_.leave_out("initialize", "igotchuu repository init makes a repository");
        section_.leave_out_rest("igotchuu has no use for it");
        return std::move(found_);
    }

private:
    void take_options(Section &section)
    {
        std::vector<std::string> keys;
        for (const auto &member : section.members())
            if (is_option(member.key) || member.key == "repository")
                keys.push_back(member.key);
        for (const auto &key : keys) {
            auto member = *section.take(key);
            if (key == "repository")
                member.key = "repo";
            take_arguments(arguments_of(member, directory_), found_, findings_);
        }
    }

    void take_variables()
    {
        auto variables = section_.section("env");
        while (!variables.members().empty()) {
            auto name = variables.members().front().key;
            const auto value = variables.text(name);
            for (auto &c : name)
                c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; // as resticprofile hands them on
            if (value)
                take_variable(name, *value, found_, findings_);
        }
    }

    void take_backup()
    {
        auto backup = section_.section("backup");
        for (const auto &source : backup.texts("source"))
            if (source.text.find_first_of("*?[$~") != std::string::npos)
                findings_.faults.push_back(source.place.says(
                    std::format("\"{}\" cannot be a source: a shell fills it in, and a job names directories", source.text)));
            else
                take_source(source, found_.job, findings_);
        take_schedule(backup);
        take_options(backup);
        for (const auto *const key : {"run-before", "run-after", "run-after-fail", "run-finally"})
            backup.leave_out(key, own_commands);
        for (const auto *const key : {"check-before", "check-after"})
            backup.leave_out(key, of_maintenance);
        backup.leave_out_rest("igotchuu has no use for it");
    }

    void take_schedule(Section &backup)
    {
        const auto *const member = backup.find("schedule");
        if (member == nullptr)
            return;
        const bool is_table = std::holds_alternative<Members>(member->item.value);
        auto table = is_table ? backup.section("schedule") : Section{"", {}, findings_};
        for (const auto &when : is_table ? table.texts("at") : backup.texts("schedule"))
            found_.job.timer.push_back({"OnCalendar", when.text});
        table.leave_out_rest("[timer] takes systemd's own keys");
    }

    void take_retention(std::string_view name)
    {
        auto retention = section_.section(name);
        std::vector<std::string> keys;
        for (const auto &member : retention.members())
            if (member.key.starts_with("keep-"))
                keys.push_back(member.key);
        for (const auto &key : keys)
            for (const auto &value : retention.texts(key))
                if (!std::ranges::contains(found_.job.keep, key.substr(5), &KeepRule::name) || key == "keep-tag")
                    take_keep(key, value, found_.job, findings_);
        retention.leave_out("prune", of_maintenance);
        retention.leave_out_rest("igotchuu forgets the job's own snapshots, after each good run");
    }

    Found found_;
    Section section_;
    fs::path directory_;
    Findings &findings_;
};

/// All profiles of a file by their names.
class Profiles
{
public:
    explicit Profiles(Section section) : section_{std::move(section)} {}

    /// With what it inherits. Nothing: it cannot be known.
    std::optional<Members> whole(const Member &profile, std::size_t depth = 0)
    {
        constexpr std::size_t most = 16;
        const auto *const own = std::get_if<Members>(&profile.item.value);
        if (own == nullptr || depth > most) {
            section_.fault(profile, own ? "inherits from itself" : "a table is needed here");
            return {};
        }
        const auto inherit = std::ranges::find(*own, "inherit", &Member::key);
        if (inherit == own->end())
            return *own;
        const auto *const parent = section_.find(scalar(inherit->item).value_or(""));
        if (parent == nullptr) {
            section_.fault(profile, "inherits from a profile that is not in this file");
            return {};
        }
        return whole(*parent, depth + 1).transform([&](Members below) {
            auto all = merged(std::move(below), *own);
            std::erase_if(all, [](const Member &member) { return member.key == "inherit"; });
            return all;
        });
    }

    [[nodiscard]] const Section &section() const noexcept { return section_; }

private:
    Section section_;
};

/// What a profile has to name to be more than what others inherit.
bool has_source(const Members &profile)
{
    const auto backup = std::ranges::find(profile, "backup", &Member::key);
    const auto *const members = backup == profile.end() ? nullptr : std::get_if<Members>(&backup->item.value);
    return members && std::ranges::contains(*members, "source", &Member::key);
}

/// What only resticprofile can read.
void refuse_unreadable(const Input &input, Findings &findings)
{
    const auto refuse = [&](std::string_view why) { findings.faults.push_back({input.file, 0, 0, std::string{why}}); };
    const auto extension = fs::path{input.file}.extension();
    if (extension == ".yaml" || extension == ".yml")
        refuse("is YAML, which igotchuu does not read; yq makes JSON of it: yq . FILE | igotchuu migrate --from resticprofile "
               "--write /dev/stdin");
    else if (extension == ".hcl")
        refuse("is HCL, which igotchuu does not read: write it as TOML or JSON");
    else if (input.text.contains("{{"))
        refuse("has templates, {{ … }}, which resticprofile alone fills in: write what they come to into a copy of the file");
}

} // namespace

void from_resticprofile(const Input &input, Migration &migration)
{
    auto &findings = migration.findings;
    refuse_unreadable(input, findings);
    if (!findings.faults.empty())
        return;
    Section file{{}, read_tables(input.file, input.text, findings), findings};
    if (const auto *const includes = file.find("includes"))
        file.fault(*includes, "other files are a part of this one: put them together, in a copy");
    const auto version = file.text("version");
    for (const auto *const key : {"global", "groups", "mixins", "includes", "schedules"})
        file.leave_out(key, "each job is one profile, and systemd starts it");
    const bool has_table = version && version->text == "2"; // else the profiles are at the top
    Profiles profiles{has_table ? file.section("profiles") : file};
    if (has_table)
        file.leave_out_rest("igotchuu has no use for it");
    for (const auto &profile : profiles.section().members()) {
        if (std::string_view{"$schema"} == profile.key)
            continue;
        const auto whole = profiles.whole(profile);
        if (whole && !has_source(*whole))
            profiles.section().say(profile, "is no job: it has no backup.source");
        else if (whole) {
            Profile taken{
                profile.key, {profiles.section().full(profile.key), *whole, findings}, directory_of(input.file), findings};
            migration.found.push_back(taken.take());
        }
    }
    say_what_is_frozen({input.file}, findings);
}

} // namespace igotchuu::migrate
