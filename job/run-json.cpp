// SPDX-License-Identifier: MIT
#include "job/run-json.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

namespace igotchuu::state_json
{

using std::chrono::microseconds;

json progress_to_json(const Progress &progress)
{
    return {{"seconds_elapsed", progress.seconds_elapsed},
            {"seconds_remaining", progress.seconds_remaining},
            {"percent_done", std::isfinite(progress.percent_done) ? progress.percent_done : 0.0},
            {"total_files", progress.total_files},
            {"files_done", progress.files_done},
            {"total_bytes", progress.total_bytes},
            {"bytes_done", progress.bytes_done},
            {"error_count", progress.error_count}};
}

Progress progress_from_json(const json &from)
{
    return {.seconds_elapsed = number<std::uint64_t>(from, "seconds_elapsed"),
            .seconds_remaining = number<std::uint64_t>(from, "seconds_remaining"),
            .percent_done = fraction(from, "percent_done"),
            .total_files = number<std::uint64_t>(from, "total_files"),
            .files_done = number<std::uint64_t>(from, "files_done"),
            .total_bytes = number<std::uint64_t>(from, "total_bytes"),
            .bytes_done = number<std::uint64_t>(from, "bytes_done"),
            .error_count = number<std::uint64_t>(from, "error_count")};
}

namespace
{

json summary_to_json(const Summary &summary)
{
    return {{"files_new", summary.files_new},
            {"files_changed", summary.files_changed},
            {"files_unmodified", summary.files_unmodified},
            {"dirs_new", summary.dirs_new},
            {"dirs_changed", summary.dirs_changed},
            {"dirs_unmodified", summary.dirs_unmodified},
            {"data_blobs", summary.data_blobs},
            {"tree_blobs", summary.tree_blobs},
            {"data_added", summary.data_added},
            {"total_files_processed", summary.total_files_processed},
            {"total_bytes_processed", summary.total_bytes_processed},
            {"total_duration_usec", usec(summary.total_duration)},
            {"snapshot_id", summary.snapshot_id}};
}

Summary summary_from_json(const json &from)
{
    return {.files_new = number<std::uint64_t>(from, "files_new"),
            .files_changed = number<std::uint64_t>(from, "files_changed"),
            .files_unmodified = number<std::uint64_t>(from, "files_unmodified"),
            .dirs_new = number<std::uint64_t>(from, "dirs_new"),
            .dirs_changed = number<std::uint64_t>(from, "dirs_changed"),
            .dirs_unmodified = number<std::uint64_t>(from, "dirs_unmodified"),
            .data_blobs = number<std::int64_t>(from, "data_blobs"),
            .tree_blobs = number<std::int64_t>(from, "tree_blobs"),
            .data_added = number<std::uint64_t>(from, "data_added"),
            .total_files_processed = number<std::uint64_t>(from, "total_files_processed"),
            .total_bytes_processed = number<std::uint64_t>(from, "total_bytes_processed"),
            .total_duration = static_cast<double>(number<std::int64_t>(from, "total_duration_usec")) / 1e6,
            .snapshot_id = text_if_any(from, "snapshot_id")};
}

json retention_to_json(const Retention &retention)
{
    return {{"kept", retention.kept},
            {"planned", retention.planned},
            {"removed", retention.removed},
            {"hold", to_string(retention.hold)},
            {"why", retention.why}};
}

Retention retention_from_json(const json &from)
{
    return {.kept = number<std::uint32_t>(from, "kept"),
            .planned = number<std::uint32_t>(from, "planned"),
            .removed = number<std::uint32_t>(from, "removed"),
            .hold = one_of<Hold>(holds, text(from, "hold")),
            .why = text_if_any(from, "why")};
}

json proof_to_json(const Proof &proof)
{
    return {{"extent", to_string(proof.extent)},
            {"finding", to_string(proof.finding)},
            {"files", proof.files},
            {"bytes", proof.bytes},
            {"restored", proof.restored},
            {"why", proof.why}};
}

Proof proof_from_json(const json &from)
{
    return {.extent = one_of<Extent>(extents, text(from, "extent")),
            .finding = one_of<Finding>(findings, text(from, "finding")),
            .files = number<std::uint64_t>(from, "files"),
            .bytes = number<std::uint64_t>(from, "bytes"),
            .restored = number<std::uint64_t>(from, "restored"),
            .why = text_if_any(from, "why")};
}

json result_to_json(const RepositoryResult &result)
{
    json to{{"repository", result.repository},
            {"outcome", to_string(result.outcome)},
            {"message", result.message},
            {"errors", result.errors},
            {"summary", summary_to_json(result.summary)}};
    if (result.unchanged_since)
        to["unchanged_since_usec"] = usec(*result.unchanged_since);
    if (result.retention)
        to["retention"] = retention_to_json(*result.retention);
    if (result.proof)
        to["proof"] = proof_to_json(*result.proof);
    return to;
}

RepositoryResult result_from_json(const json &from)
{
    RepositoryResult result{.repository = text(from, "repository"),
                            .outcome = one_of<Outcome>(outcomes, text(from, "outcome")),
                            .message = text_if_any(from, "message"),
                            .errors = number<std::uint64_t>(from, "errors"),
                            .summary = summary_from_json(member(from, "summary"))};
    if (from.contains("unchanged_since_usec"))
        result.unchanged_since = time(from, "unchanged_since_usec");
    if (const json &retention = member(from, "retention"); !retention.is_null())
        result.retention = retention_from_json(retention);
    if (const json &proof = member(from, "proof"); !proof.is_null())
        result.proof = proof_from_json(proof);
    return result;
}

} // namespace

json proven_to_json(const LastProven &proven)
{
    return {{"repository", bytes_to_json(proven.repository)},
            {"snapshot_id", proven.snapshot_id},
            {"instant_usec", usec(proven.instant)},
            {"proven_usec", usec(proven.proven)},
            {"extent", to_string(proven.extent)},
            {"files", proven.files},
            {"bytes", proven.bytes},
            {"restored", proven.restored}};
}

LastProven proven_from_json(const json &from)
{
    return {.repository = bytes_from_json(member(from, "repository")),
            .snapshot_id = text(from, "snapshot_id"),
            .instant = time(from, "instant_usec"),
            .proven = time(from, "proven_usec"),
            .extent = one_of<Extent>(extents, text(from, "extent")),
            .files = number<std::uint64_t>(from, "files"),
            .bytes = number<std::uint64_t>(from, "bytes"),
            .restored = number<std::uint64_t>(from, "restored")};
}

json up_to_date_to_json(const UpToDate &one)
{
    return {{"repository", one.repository}, {"since_usec", usec(one.since)}, {"summary", summary_to_json(one.summary)}};
}

UpToDate up_to_date_from_json(const json &from)
{
    return {text(from, "repository"), time(from, "since_usec"), summary_from_json(member(from, "summary"))};
}

json place_to_json(const SourcePlace &place)
{
    return {{"source", bytes_to_json(place.source)},
            {"file_system", place.file_system},
            {"subvolume", place.subvolume},
            {"method", place.method},
            {"empty", place.empty},
            {"mount_point", bytes_to_json(place.mount_point)}};
}

SourcePlace place_from_json(const json &from)
{
    return {bytes_from_json(member(from, "source")),
            text_if_any(from, "file_system"),
            number<std::uint64_t>(from, "subvolume"),
            text_if_any(from, "method"),
            flag(from, "empty"),
            bytes_if_any(from, "mount_point")};
}

json run_to_json(const Run &run)
{
    json repositories = json::array(), sources = json::array(), durations = json::object();
    for (const SourcePlace &place : run.sources)
        sources.push_back(place_to_json(place));
    for (const RepositoryResult &result : run.repositories)
        repositories.push_back(result_to_json(result));
    for (const Phase phase : phases)
        durations[std::string{to_string(phase)}] = run.phases[std::to_underlying(phase)].count();
    json to{{"invocation_id", run.invocation_id},
            {"started_usec", usec(run.started)},
            {"ended_usec", usec(run.ended)},
            {"outcome", to_string(run.outcome)},
            {"message", run.message},
            {"kept_run", run.kept_run},
            {"instant_usec", usec(run.instant)},
            {"repositories", std::move(repositories)},
            {"sources", std::move(sources)},
            {"snapshots", run.snapshots},
            {"read_only_left_out", run.read_only_left_out},
            {"instants", run.instants},
            {"window_usec", run.window.count()},
            {"hold_window_usec", run.hold_window.count()},
            {"restic_starts", run.restic_starts},
            {"phases_usec", std::move(durations)}};
    if (run.whole)
        to["whole"] = *run.whole;
    return to;
}

Run run_from_json(const json &from)
{
    Run run{.invocation_id = text(from, "invocation_id"),
            .started = time(from, "started_usec"),
            .ended = time(from, "ended_usec"),
            .outcome = one_of<Outcome>(outcomes, text(from, "outcome")),
            .message = text_if_any(from, "message"),
            .kept_run = text_if_any(from, "kept_run"),
            .instant = time(from, "instant_usec"),
            .repositories = {},
            .snapshots = number<std::uint32_t>(from, "snapshots"),
            .read_only_left_out = number<std::uint32_t>(from, "read_only_left_out"),
            .instants = number<std::uint32_t>(from, "instants"),
            .window = microseconds{number<std::int64_t>(from, "window_usec")},
            .hold_window = microseconds{number<std::int64_t>(from, "hold_window_usec")},
            .restic_starts = number<std::uint32_t>(from, "restic_starts")};
    if (from.contains("whole"))
        run.whole = flag(from, "whole");
    for (const json &result : member(from, "repositories"))
        run.repositories.push_back(result_from_json(result));
    for (const json &place : member(from, "sources"))
        run.sources.push_back(place_from_json(place));
    if (const json &durations = member(from, "phases_usec"); !durations.is_null())
        for (const Phase phase : phases)
            run.phases[std::to_underlying(phase)] =
                microseconds{number<std::int64_t>(durations, std::string{to_string(phase)}.c_str())};
    return run;
}

/// What is 0 is left out: a record has hundreds of them.
json day_to_json(const Day &day)
{
    json to{{"day", day.date.time_since_epoch().count()},
            {"runs", day.runs},
            {"good", day.good},
            {"worst", to_string(day.worst)},
            {"fresh_usec", usec(day.fresh)},
            {"longest_usec", day.longest.count()},
            {"added", day.added},
            {"files", day.files},
            {"bytes", day.bytes}};
    for (auto one = to.begin(); one != to.end();)
        one = *one == 0 ? to.erase(one) : std::next(one);
    return to;
}

Day day_from_json(const json &from)
{
    return {.date = std::chrono::sys_days{std::chrono::days{number<std::int32_t>(from, "day")}},
            .runs = number<std::uint32_t>(from, "runs"),
            .good = number<std::uint32_t>(from, "good"),
            .worst = one_of<Outcome>(outcomes, text(from, "worst")),
            .fresh = time(from, "fresh_usec"),
            .longest = microseconds{number<std::int64_t>(from, "longest_usec")},
            .added = number<std::uint64_t>(from, "added"),
            .files = number<std::uint64_t>(from, "files"),
            .bytes = number<std::uint64_t>(from, "bytes")};
}

} // namespace igotchuu::state_json
