// SPDX-License-Identifier: MIT
#include "cli/report/report.hpp"

#include "job/days.hpp"
#include "job/diagnostic.hpp"

#include <nlohmann/json.hpp>

namespace igotchuu
{

namespace
{

using namespace std::chrono;
using json = nlohmann::ordered_json;

json time_or_null(Clock::time_point time)
{
    return time == Clock::time_point{} ? json() : json(duration_cast<microseconds>(time.time_since_epoch()).count());
}

json day_to_json(const Day &day)
{
    return {{"date", date_text(day.date)},
            {"runs", day.runs},
            {"good", day.good},
            {"worst", to_string(day.worst)},
            {"newest_good_usec", time_or_null(day.fresh)},
            {"longest_usec", day.longest.count()},
            {"bytes_added", day.added},
            {"files", day.files},
            {"bytes", day.bytes}};
}

json run_to_json(const Run &run)
{
    json repositories = json::array();
    for (const auto &result : run.repositories)
        repositories.push_back({{"name", printable(result.repository)},
                                {"outcome", to_string(result.outcome)},
                                {"unchanged", result.unchanged_since.has_value()},
                                {"bytes_added", result.unchanged_since ? 0 : result.summary.data_added},
                                {"files", result.summary.total_files_processed},
                                {"bytes", result.summary.total_bytes_processed}});
    return {{"invocation_id", run.invocation_id},
            {"outcome", to_string(run.outcome)},
            {"started_usec", time_or_null(run.started)},
            {"ended_usec", time_or_null(run.ended)},
            {"repositories", std::move(repositories)}};
}

json job_to_json(const Past &job)
{
    json days = json::array(), runs = json::array();
    for (const auto &day : job.record.days)
        days.push_back(day_to_json(day));
    for (const auto &run : job.record.history)
        runs.push_back(run_to_json(run));
    return {{"name", printable(job.name)},
            {"instance", job.instance},
            {"fault", job.fault},
            {"objective_hours", job.objective.count()},
            {"newest_good_usec", job.record.last_success ? time_or_null(fresh_as_of(*job.record.last_success)) : json()},
            {"days", std::move(days)},
            {"history", std::move(runs)}};
}

} // namespace

std::string report_json(const Report &report)
{
    json jobs = json::array();
    for (const auto &job : report.jobs)
        jobs.push_back(job_to_json(job));
    return json{
        {"schema", 1}, {"machine", printable(report.machine)}, {"made_usec", time_or_null(report.now)}, {"jobs", std::move(jobs)}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace igotchuu
