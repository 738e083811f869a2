// SPDX-License-Identifier: MIT
#include "cli/migrate/restic-options.hpp"
#include "cli/migrate/section.hpp"

#include <algorithm>
#include <format>

namespace igotchuu::migrate
{

namespace
{

/// Before 1.8 borgmatic's keys stood in sections.
Section flat(Members members, Findings &findings)
{
    Members all;
    for (auto &member : members) {
        constexpr std::string_view sections[] = {"location", "storage", "retention", "consistency", "output", "hooks"};
        auto *const inner = std::get_if<Members>(&member.item.value);
        if (inner && std::ranges::contains(sections, member.key))
            std::ranges::move(*inner, std::back_inserter(all));
        else
            all.push_back(std::move(member));
    }
    return {{}, std::move(all), findings};
}

void take_sources(Section &section, Job &job, Findings &findings)
{
    for (const auto &source : section.texts("source_directories"))
        if (source.text.find_first_of("*?[~") != std::string::npos)
            findings.faults.push_back(source.place.says(std::format(
                "source_directories: \"{}\" is a pattern, and a job names directories: name them in a copy", source.text)));
        else
            take_source(source, job, findings);
}

/// borg's patterns, of which restic has those of a shell. They begin at the root, restic's anywhere. A star of borg's "fm:", its default, crosses a slash; one of restic's does
/// not, so less is left out: never more.
void take_pattern(const Text &pattern, Job &job, Findings &findings)
{
    constexpr std::string_view shell = "sh:", fnmatch = "fm:";
    const auto says = [&](std::string_view what) {
        findings.warnings.push_back(pattern.place.says(std::format("exclude_patterns: \"{}\": {}", pattern.text, what)));
    };
    const auto colon = pattern.text.find(':');
    if (colon == 2 && !pattern.text.starts_with(shell) && !pattern.text.starts_with(fnmatch))
        return says("left out: restic has no patterns of this kind, so it is backed up");
    const bool is_shell = pattern.text.starts_with(shell);
    auto text = pattern.text.substr(colon == 2 ? shell.size() : 0);
    if (!is_shell && text.contains('*'))
        says("to be known: in igotchuu a * does not go beyond a slash (** does), so it may leave out less");
    if (!text.starts_with('/') && !text.starts_with(is_shell ? "**" : "*")) // which may be anything
        text.insert(0, 1, '/');
    job.exclude.push_back(std::move(text));
}

/// "3H", "2w": restic's has hours, days, months and years.
std::optional<std::string> within(std::string_view text)
{
    constexpr std::string_view borgs = "Hdmy", restics = "hdmy";
    if (text.size() < 2 || text.substr(0, text.size() - 1).find_first_not_of("0123456789") != text.npos)
        return {};
    const auto number = std::string{text.substr(0, text.size() - 1)};
    if (text.back() == 'w' && number.size() < 5)
        return std::format("{}d", 7 * std::stoi(number));
    const auto unit = borgs.find(text.back());
    return unit == borgs.npos ? std::nullopt : std::optional{number + restics[unit]};
}

void take_retention(Section &section, Job &job, Findings &findings)
{
    for (const auto *const name : {"hourly", "daily", "weekly", "monthly", "yearly"})
        if (const auto value = section.text(std::format("keep_{}", name)))
            take_keep(std::format("keep-{}", name), *value, job, findings);
    if (const auto value = section.text("keep_within")) {
        if (auto text = within(value->text))
            job.keep.push_back({"within", *std::move(text)});
        else
            findings.warnings.push_back(value->place.says(std::format(
                "keep_within: left out: restic has no \"{}\"; keep.within of the job's file has hours, days, months and years",
                value->text)));
    }
}

void leave_out(Section &section)
{
    constexpr std::string_view
        other_format =
            "borg's format is not restic's: its archives stay where they are, and igotchuu repository init makes a new repository; "
            "name that in the job's \"repositories\"",
        of_borg = "it is of borg's repository",
        programs = "igotchuu runs a program with the keys hold, prepare and exec-before-snapshot",
        database = "the key hold of a job has examples for databases: igotchuu.job(5), HOLD",
        told = "notify.toml says who is told: igotchuu.notify(5)", by_itself = "igotchuu freezes the sources by itself",
        fewer = "restic has no patterns of this kind, so nothing is left out by it",
        maintained = "the repository's maintenance does it: [maintenance] in its file";
    constexpr std::pair<const char *, std::string_view> keys[] = {
        {"repositories", other_format},
        {"encryption_passphrase", of_borg},
        {"encryption_passcommand", of_borg},
        {"compression", of_borg},
        {"ssh_command", of_borg},
        {"archive_name_format", of_borg},
        {"before_actions", programs},
        {"after_actions", programs},
        {"before_backup", programs},
        {"after_backup", programs},
        {"commands", programs},
        {"on_error", told},
        {"postgresql_databases", database},
        {"mysql_databases", database},
        {"mariadb_databases", database},
        {"mongodb_databases", database},
        {"sqlite_databases", database},
        {"healthchecks", told},
        {"ntfy", told},
        {"btrfs", by_itself},
        {"zfs", by_itself},
        {"lvm", by_itself},
        {"patterns", fewer},
        {"patterns_from", fewer},
        {"exclude_from", fewer},
        {"checks", maintained},
        {"check_last", maintained},
    };
    for (const auto &[key, why] : keys)
        section.leave_out(key, why);
    section.leave_out_rest("igotchuu has no use for it");
}

} // namespace

void from_borgmatic(const Input &input, Migration &migration)
{
    auto &findings = migration.findings;
    if (const auto first = input.text.find_first_not_of(" \t\r\n"); first == std::string::npos || input.text[first] != '{') {
        findings.faults.push_back({input.file, 0, 0,
                                   "is no JSON, and igotchuu does not read YAML; yq makes JSON of it: yq . FILE | igotchuu migrate "
                                   "--from borgmatic --write /dev/stdin"});
        return;
    }
    auto section = flat(read_tables(input.file, input.text, findings), findings);
    if (!findings.faults.empty())
        return;
    Found found;
    found.job.name = name_of(input, "borgmatic");
    take_sources(section, found.job, findings);
    for (const auto &pattern : section.texts("exclude_patterns"))
        take_pattern(pattern, found.job, findings);
    found.job.exclude_caches = section.flag("exclude_caches").value_or(false);
    for (const auto &name : section.texts("exclude_if_present"))
        found.job.restic_args.push_back(std::format("--exclude-if-present={}", name.text));
    take_retention(section, found.job, findings);
    leave_out(section);
    say_what_is_frozen({input.file}, findings);
    migration.found.push_back(std::move(found));
}

} // namespace igotchuu::migrate
