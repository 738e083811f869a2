// SPDX-License-Identifier: MIT
#include "cli/doctor/checks.hpp"

#include "job/amount.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <format>

namespace igotchuu::doctor
{

namespace
{

std::size_t count(const std::vector<Ailment> &ailments, Severity severity)
{
    return static_cast<std::size_t>(std::ranges::count(ailments, severity, &Ailment::severity));
}

std::size_t count_sources(const Seen &seen)
{
    std::size_t count = 0;
    for (const auto &job : seen.jobs)
        count += job.sources.size();
    return count;
}

std::string_view status(const Seen &seen, const std::vector<Ailment> &ailments)
{
    if (!ailments.empty())
        return to_string(ailments.front().severity);
    return to_string(seen.unseen.empty() ? Severity::fine : Severity::unknown);
}

} // namespace

const std::vector<Check> &checks()
{
    static const std::vector<Check> all{
        {"restic", restic},
        {"clock", clock},
        {"job-file", broken_files},
        {"reload", not_reloaded},
        {"source", unusable_sources},
        {"swap-file", swap_files},
        {"one-disk", one_disk_alone},
        {"timer", timers},
        {"orphan", orphans},
        {"runs", runs},
        {"cache", cache},
        {"installation", installation},
        {"no-job", no_job},
        {"embedded-repository", embedded_alone},
        {"recovery-key", recovery_keys},
        {"other-file-system", other_file_systems},
        {"read-only-subvolume", read_only_subvolumes},
        {"quota-groups", quota_groups},
        {"space", space},
        {"other-backup", other_backups},
    };
    return all;
}

std::vector<Ailment> examine(const Seen &seen)
{
    std::vector<Ailment> all;
    for (const auto &[name, judge] : checks())
        for (auto &ailment : judge(seen)) {
            ailment.check = name;
            all.push_back(std::move(ailment));
        }
    std::ranges::stable_sort(all, {}, [](const Ailment &ailment) { return ailment.severity != Severity::critical; });
    return all;
}

std::string summary(const Seen &seen, const std::vector<Ailment> &ailments)
{
    const auto critical = count(ailments, Severity::critical), warnings = count(ailments, Severity::warning);
    std::string found;
    if (critical > 0)
        found = std::format("{} critical", critical);
    if (warnings > 0)
        found += (found.empty() ? "" : ", ") + counted(warnings, "warning", "warnings");
    if (found.empty())
        found = seen.unseen.empty() ? "all is well" : "nothing is wrong with what could be seen";
    return std::format("{}: {} of {}, {}, {} and {}", found, counted(checks().size(), "check", "checks"),
                       counted(seen.jobs.size(), "job", "jobs"), counted(count_sources(seen), "source", "sources"),
                       counted(seen.repositories.size(), "repository", "repositories"),
                       counted(seen.timers.size(), "timer", "timers"));
}

std::string to_json(const Seen &seen, const std::vector<Ailment> &ailments)
{
    using json = nlohmann::ordered_json;
    json found = json::array();
    for (const auto &[severity, about, why, cure, check] : ailments)
        found.push_back({{"check", check}, {"severity", to_string(severity)}, {"about", about}, {"why", why}, {"cure", cure}});
    return json{{"schema", 1},
                {"status", status(seen, ailments)},
                {"found", std::move(found)},
                {"unseen", seen.unseen},
                {"checks", checks().size()},
                {"jobs", seen.jobs.size()},
                {"sources", count_sources(seen)},
                {"repositories", seen.repositories.size()},
                {"timers", seen.timers.size()}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace igotchuu::doctor
