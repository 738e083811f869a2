// SPDX-License-Identifier: MIT
#include "cli/migrate/restic-options.hpp"
#include "cli/migrate/section.hpp"

#include <algorithm>
#include <format>

namespace igotchuu::migrate
{

namespace
{

constexpr std::string_view own_place = "igotchuu keeps its snapshots in .igotchuu/ at the top of the same btrfs";

/// What the key `snapshot` names: each a path, or a table with it.
std::vector<std::string> snapshots_of(Section &section)
{
    std::vector<std::string> paths;
    const auto member = section.take("snapshot");
    if (!member)
        return paths;
    const auto *const list = std::get_if<List>(&member->item.value);
    if (list == nullptr)
        section.fault(*member, "a list is needed here");
    for (const auto &item : list ? *list : List{}) {
        if (auto path = scalar(item)) {
            paths.push_back(*std::move(path));
            continue;
        }
        const auto *const table = std::get_if<Members>(&item.value);
        const auto source = table ? std::ranges::find(*table, "source", &Member::key) : Members::const_iterator{};
        if (table == nullptr || source == table->end() || !scalar(source->item))
            section.fault(*member, "paths are needed here, or tables with the key \"source\"");
        else {
            paths.push_back(*scalar(source->item));
            for (const auto &other : *table)
                if (other.key != "source")
                    section.say(other, std::format("left out: {}", own_place));
        }
    }
    return paths;
}

bool lies_in(const std::string &path, const std::string &directory)
{
    return path == directory || path.starts_with(directory.ends_with('/') ? directory : directory + '/');
}

/// What the original read from the live file system: no snapshot lay over it.
void take_live(Section &section, Job &job, Findings &findings)
{
    const auto place = section.find("snapshot")->place;
    const auto snapshots = snapshots_of(section);
    std::ranges::copy_if(job.sources, std::back_inserter(job.live), [&](const std::string &source) {
        return std::ranges::none_of(snapshots, [&](const std::string &snapshot) { return lies_in(source, snapshot); });
    });
    for (const auto &path : job.live)
        findings.warnings.push_back(
            place.says(std::format("to be known: {} is backed up live, since it is not named here; without the "
                                   "job's key \"live\" it is frozen, too",
                                   path)));
    for (const auto &snapshot : snapshots)
        if (std::ranges::none_of(job.sources, [&](const std::string &source) { return lies_in(source, snapshot); }))
            findings.warnings.push_back(place.says(std::format(
                "left out: {}: no place lies in it; to have it frozen inside another one, put it into \"sources\"", snapshot)));
}

void take_arguments_of(Section &section, Found &found, Findings &findings)
{
    for (const auto *const key : {"restic_backup_args", "restic_args"})
        for (const auto &word : take_arguments(section.texts(key), found, findings))
            take_source(word, found.job, findings); // restic would have taken it for one
}

void take_target(Section &section, Found &found, Findings &findings)
{
    constexpr std::pair<const char *, const char *> keys[] = {{"repo", "RESTIC_REPOSITORY"},
                                                              {"repository_file", "RESTIC_REPOSITORY_FILE"},
                                                              {"password_file", "RESTIC_PASSWORD_FILE"},
                                                              {"password_command", "RESTIC_PASSWORD_COMMAND"}};
    for (const auto &[key, variable] : keys) // the original hands them on in these
        if (const auto value = section.text(key))
            take_variable(variable, *value, found, findings);
}

Found job_of(std::string name, Section section, Findings &findings)
{
    Found found;
    found.job.name = std::move(name);
    for (const auto &place : section.texts("places"))
        take_source(place, found.job, findings);
    if (found.job.sources.empty())
        found.job.sources = {"/home"}; // as the original has it
    if (section.find("snapshot") != nullptr)
        take_live(section, found.job, findings);
    if (const auto program = section.texts("exec_before_snapshot"); !program.empty()) {
        std::ranges::transform(program, std::back_inserter(found.job.before_snapshot), &Text::text);
        find_program(found.job.before_snapshot, program.front().place, findings);
        findings.warnings.push_back(program.front().place.says("exec_before_snapshot: if it only mounts the top of the btrfs for "
                                                               "the snapshots, remove it: igotchuu needs no such mount"));
    }
    section.leave_out("snapshot_prefix", own_place);
    take_target(section, found, findings);
    take_arguments_of(section, found, findings); // which come before variables of the same
    section.leave_out_rest("the first igotchuu has no such key");
    return found;
}

/// A profile's key takes the place of the same one outside of it, with all that is in that.
Members replaced(Members all, const Members &own)
{
    for (const auto &member : own) {
        std::erase_if(all, [&](const Member &other) { return other.key == member.key; });
        all.push_back(member);
    }
    return all;
}

/// Alone, or as what its profiles share: then it names no repository.
bool is_a_job(const Members &base, bool has_profiles)
{
    return !has_profiles ||
           std::ranges::any_of(base, [](const Member &member) { return member.key == "repo" || member.key == "repository_file"; });
}

} // namespace

void from_igotchuu(const Input &input, Migration &migration)
{
    Section whole{{}, read_tables(input.file, input.text, migration.findings), migration.findings};
    if (!migration.findings.faults.empty())
        return;
    const auto profiles = whole.section("profiles");
    const auto name = name_of(input, "igotchuu");
    if (is_a_job(whole.members(), !profiles.members().empty()))
        migration.found.push_back(job_of(name, whole, migration.findings));
    for (const auto &profile : profiles.members()) {
        const auto *const own = std::get_if<Members>(&profile.item.value);
        if (own == nullptr) {
            profiles.fault(profile, "a table is needed here");
            continue;
        }
        const auto all_of_it = replaced(whole.members(), *own);
        migration.found.push_back(job_of(profile.key, {{}, all_of_it, migration.findings}, migration.findings));
        if (std::ranges::contains(*own, "places", &Member::key) && !std::ranges::contains(all_of_it, "snapshot", &Member::key))
            profiles.say(profile,
                         "to be known: its places are frozen here; the original froze those outside of the profiles alone");
    }
}

} // namespace igotchuu::migrate
