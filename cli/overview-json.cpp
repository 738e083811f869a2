// SPDX-License-Identifier: MIT
#include "cli/json-time.hpp"
#include "cli/overview.hpp"

#include "job/diagnostic.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

json run_under_way(const Activity &activity)
{
    json run{{"invocation_id", activity.invocation_id},
             {"started_usec", usec(activity.started)},
             {"phase", to_string(activity.phase)},
             {"repository", printable(activity.repository)}};
    if (activity.progress)
        run["progress"] = {
            {"seconds_elapsed", activity.progress->seconds_elapsed}, {"seconds_remaining", activity.progress->seconds_remaining},
            {"percent_done", activity.progress->percent_done},       {"total_files", activity.progress->total_files},
            {"files_done", activity.progress->files_done},           {"total_bytes", activity.progress->total_bytes},
            {"bytes_done", activity.progress->bytes_done},           {"error_count", activity.progress->error_count}};
    return run;
}

json last_run(const Standing &job)
{
    return {{"outcome", to_string(*job.outcome)},
            {"started_usec", usec(job.started)},
            {"ended_usec", usec(job.ended)},
            {"invocation_id", job.invocation_id},
            {"message", printable(job.message)}};
}

json last_ran(const Standing &job)
{
    if (!job.ran)
        return last_run(job);
    return {{"outcome", to_string(job.ran->outcome)},
            {"started_usec", usec(job.ran->started)},
            {"ended_usec", usec(job.ran->ended)},
            {"invocation_id", job.ran->invocation_id},
            {"message", printable(job.ran->message)}};
}

json proven(const Standing &job)
{
    json all = json::array();
    for (const auto &one : job.proven)
        all.push_back({{"repository", printable(one.repository)},
                       {"snapshot_id", one.snapshot_id},
                       {"instant_usec", usec(one.instant)},
                       {"proven_usec", usec(one.proven)},
                       {"extent", to_string(one.extent)},
                       {"files", one.files},
                       {"bytes", one.bytes},
                       {"restored", one.restored}});
    return all;
}

json held(const Standing &job)
{
    json all = json::array();
    for (const auto &result : job.retentions)
        if (const auto &retention = *result.retention; retention.hold != Hold::none)
            all.push_back({{"repository", printable(result.repository)},
                           {"hold", to_string(retention.hold)},
                           {"planned", retention.planned},
                           {"why", printable(retention.why)}});
    return all;
}

json kept(const Standing &job)
{
    json all = json::array();
    for (const auto &instant : job.kept) {
        auto &one =
            all.emplace_back(json{{"instant_usec", usec(instant.instant)}, {"run", instant.run}, {"wanted_by", json::array()}});
        for (const auto &wanting : instant.repositories)
            one["wanted_by"].push_back({{"repository", printable(wanting.repository)},
                                        {"absent_since_usec", usec(wanting.since)},
                                        {"disproved_usec", time_or_null(wanting.disproved)},
                                        {"why", printable(wanting.why)}});
    }
    return all;
}

json job_to_json(const Judged &judged)
{
    constexpr std::array schedules{"unknown", "none", "off", "on"};
    const auto &[job, verdict] = judged;
    return {{"name", printable(job.name)},
            {"instance", job.instance},
            {"status", to_string(verdict.severity)},
            {"late", verdict.late},
            {"why", verdict.why},
            {"has_file", job.has_file},
            {"doing", to_string(job.doing)},
            {"run", job.activity ? run_under_way(*job.activity) : json()},
            {"last_run", job.outcome ? last_run(job) : json()},
            {"last_ran", job.outcome ? last_ran(job) : json()},
            {"last_success_usec", time_or_null(job.last_success)},
            {"last_proven_usec", time_or_null(job.last_proven)},
            {"proven", proven(job)},
            {"held", held(job)},
            {"kept", kept(job)},
            {"timer", schedules[static_cast<std::size_t>(job.schedule.state)]},
            {"next_usec", time_or_null(job.schedule.next)}};
}

} // namespace

std::string to_json(const std::vector<Judged> &jobs)
{
    json all = json::array();
    for (const auto &job : jobs)
        all.push_back(job_to_json(job));
    return json{{"schema", 1}, {"status", to_string(worst_of(jobs))}, {"jobs", std::move(all)}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
}

} // namespace igotchuu
