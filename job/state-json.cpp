// SPDX-License-Identifier: MIT
#include "job/state-json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <concepts>
#include <span>
#include <utility>

namespace igotchuu
{
namespace
{

using json = nlohmann::ordered_json;
using std::chrono::microseconds;

constexpr int schema = 1;

constexpr std::array phases{Phase::start,  Phase::lock,  Phase::reap,    Phase::snapshot, Phase::mount,
                            Phase::restic, Phase::prove, Phase::release, Phase::forget};
static_assert(phases.size() == phase_count);

/// The text is no state file of ours. Never leaves this file.
struct Malformed {
};

const json &member(const json &object, const char *key)
{
    static const json nothing;
    if (!object.is_object())
        throw Malformed{};
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (!value.is_string())
        throw Malformed{};
    return value.get<std::string>();
}

std::string text_if_any(const json &object, const char *key)
{
    return member(object, key).is_null() ? std::string{} : text(object, key);
}

/// A name or a path as text; one that is not UTF-8 as the list of its bytes, as journald's JSON has it: lossless, and never ambiguous.
json bytes_to_json(const std::string &bytes)
try {
    json value = bytes;
    static_cast<void>(value.dump()); // throws for what is not UTF-8
    return value;
} catch (const json::type_error &) {
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

std::string bytes_from_json(const json &value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_array())
        throw Malformed{};
    std::string bytes;
    for (const json &byte : value) {
        if (!byte.is_number_unsigned() || byte.get<std::uint64_t>() > 0xff)
            throw Malformed{};
        bytes += static_cast<char>(byte.get<std::uint8_t>());
    }
    return bytes;
}

std::string bytes_if_any(const json &object, const char *key)
{
    const json &value = member(object, key);
    return value.is_null() ? std::string{} : bytes_from_json(value);
}

/// get<T>() would cast a number that does not fit.
template <std::integral T>
T number(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (value.is_null())
        return 0;
    if (value.is_number_unsigned() && std::in_range<T>(value.get<std::uint64_t>()))
        return static_cast<T>(value.get<std::uint64_t>());
    if (value.is_number_integer() && !value.is_number_unsigned() && std::in_range<T>(value.get<std::int64_t>()))
        return static_cast<T>(value.get<std::int64_t>());
    throw Malformed{};
}

double fraction(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (value.is_null())
        return 0;
    if (!value.is_number())
        throw Malformed{};
    return value.get<double>();
}

bool flag(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (!value.is_null() && !value.is_boolean())
        throw Malformed{};
    return value.is_boolean() && value.get<bool>();
}

Clock::time_point time(const json &object, const char *key)
{
    // Clock counts nanoseconds: what it cannot hold would overflow
    constexpr auto latest = std::chrono::duration_cast<microseconds>(Clock::duration::max());
    const microseconds since_epoch{number<std::int64_t>(object, key)};
    if (since_epoch > latest || since_epoch < -latest)
        throw Malformed{};
    return Clock::time_point{since_epoch};
}

std::int64_t usec(Clock::time_point time)
{
    return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

/// restic 0.18.0 calls a skipped run -9223372036.85 s long.
std::int64_t usec(double seconds)
{
    return std::isfinite(seconds) && std::abs(seconds) < 1e10 ? std::llround(seconds * 1e6) : 0;
}

template <typename Enum>
Enum one_of(std::span<const Enum> all, const std::string &word)
{
    for (const Enum value : all)
        if (to_string(value) == word)
            return value;
    throw Malformed{};
}

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

json run_to_json(const MaintenanceRun &run)
{
    return {{"invocation_id", run.invocation_id},
            {"started_usec", usec(run.started)},
            {"ended_usec", usec(run.ended)},
            {"outcome", to_string(run.outcome)},
            {"message", run.message},
            {"bytes_freed", run.bytes_freed},
            {"part", run.part},
            {"parts", run.parts},
            {"unlocked", run.unlocked},
            {"restic_starts", run.restic_starts},
            {"prune_usec", run.prune.count()},
            {"check_usec", run.check.count()}};
}

MaintenanceRun maintenance_run_from_json(const json &from)
{
    return {.invocation_id = text(from, "invocation_id"),
            .started = time(from, "started_usec"),
            .ended = time(from, "ended_usec"),
            .outcome = one_of<Outcome>(outcomes, text(from, "outcome")),
            .message = text_if_any(from, "message"),
            .bytes_freed = number<std::uint64_t>(from, "bytes_freed"),
            .part = number<std::uint32_t>(from, "part"),
            .parts = number<std::uint32_t>(from, "parts"),
            .unlocked = member(from, "unlocked") == json(true),
            .restic_starts = number<std::uint32_t>(from, "restic_starts"),
            .prune = microseconds{number<std::int64_t>(from, "prune_usec")},
            .check = microseconds{number<std::int64_t>(from, "check_usec")}};
}

json key_to_json(const RecoveryKey &key)
{
    json to{{"id", key.id}, {"made_usec", usec(key.made)}};
    if (key.confirmed)
        to["confirmed_usec"] = usec(*key.confirmed);
    return to;
}

RecoveryKey key_from_json(const json &from)
{
    RecoveryKey key{.id = text(from, "id"), .made = time(from, "made_usec")};
    if (from.contains("confirmed_usec"))
        key.confirmed = time(from, "confirmed_usec");
    return key;
}

json kept_to_json(const KeptInstant &kept)
{
    json sources = json::array(), trees = json::array(), left_out = json::array(), repositories = json::array();
    for (const SourcePlace &place : kept.sources)
        sources.push_back(place_to_json(place));
    for (const KeptTree &tree : kept.trees)
        trees.push_back({{"source", bytes_to_json(tree.source)},
                         {"below", bytes_to_json(tree.below)},
                         {"method", tree.method},
                         {"place", bytes_to_json(tree.place)}});
    for (const std::string &path : kept.left_out)
        left_out.push_back(bytes_to_json(path));
    for (const Wanting &one : kept.repositories) {
        auto &to = repositories.emplace_back(
            json{{"repository", bytes_to_json(one.repository)}, {"since_usec", usec(one.since)}, {"why", one.why}});
        if (one.disproved)
            to["disproved_usec"] = usec(*one.disproved);
    }
    return {{"run", kept.run},
            {"instant_usec", usec(kept.instant)},
            {"kept_usec", usec(kept.kept)},
            {"sources", std::move(sources)},
            {"trees", std::move(trees)},
            {"left_out", std::move(left_out)},
            {"missing", kept.missing},
            {"repositories", std::move(repositories)}};
}

KeptInstant kept_instant_from_json(const json &from)
{
    KeptInstant kept{.run = text(from, "run"), .instant = time(from, "instant_usec"), .kept = time(from, "kept_usec")};
    for (const json &place : member(from, "sources"))
        kept.sources.push_back(place_from_json(place));
    for (const json &tree : member(from, "trees"))
        kept.trees.push_back({bytes_from_json(member(tree, "source")), bytes_from_json(member(tree, "below")), text(tree, "method"),
                              bytes_from_json(member(tree, "place"))});
    for (const json &path : member(from, "left_out"))
        kept.left_out.push_back(bytes_from_json(path));
    for (const json &sentence : member(from, "missing"))
        kept.missing.push_back(bytes_from_json(sentence));
    for (const json &one : member(from, "repositories")) {
        auto &wanting = kept.repositories.emplace_back(Wanting{.repository = bytes_from_json(member(one, "repository")),
                                                               .since = time(one, "since_usec"),
                                                               .why = text_if_any(one, "why")});
        if (one.contains("disproved_usec"))
            wanting.disproved = time(one, "disproved_usec");
    }
    return kept;
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

std::string on_one_line(const json &value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

/// The deepest that we write is a summary's number: history, run, repositories, result, summary. Deeper garbage would take memory.
bool is_shallow(int depth, json::parse_event_t, const json &)
{
    return depth <= 6;
}

/// `convert` of the document in `text`, when that has our schema.
template <typename Convert>
auto parsed(std::string_view text, Convert convert) -> std::optional<decltype(convert(json{}))>
try {
    const json document = json::parse(text, is_shallow, false);
    if (number<int>(document, "schema") != schema)
        return std::nullopt;
    return convert(document);
} catch (const Malformed &) {
    return std::nullopt;
}

} // namespace

std::string restic_status(const Progress &progress)
{
    json status{{"message_type", "status"}};
    status.update(progress_to_json(progress));
    status["current_files"] = json::array();
    return status.dump();
}

std::string to_json(const Activity &activity)
{
    json sources = json::array();
    for (const std::string &source : activity.sources)
        sources.push_back(bytes_to_json(source));
    json document{{"schema", schema},
                  {"job", bytes_to_json(activity.job)},
                  {"file", bytes_to_json(activity.file)},
                  {"sources", std::move(sources)},
                  {"invocation_id", activity.invocation_id},
                  {"started_usec", usec(activity.started)},
                  {"phase", to_string(activity.phase)},
                  {"repository", activity.repository},
                  {"process", activity.process}};
    if (activity.progress)
        document["progress"] = progress_to_json(*activity.progress);
    return on_one_line(document);
}

std::string to_json(const Record &record)
{
    json history = json::array();
    for (const Run &run : record.history)
        history.push_back(run_to_json(run));
    json document{{"schema", schema},
                  {"job", bytes_to_json(record.job)},
                  {"file", bytes_to_json(record.file)},
                  {"history", std::move(history)}};
    if (record.last_success)
        document["last_success"] = run_to_json(*record.last_success);
    if (record.waits_since)
        document["waits_since_usec"] = usec(*record.waits_since);
    if (!record.up_to_date.empty()) {
        document["basis"] = record.basis;
        for (const UpToDate &one : record.up_to_date)
            document["up_to_date"].push_back(up_to_date_to_json(one));
    }
    for (const LastProven &proven : record.proven)
        document["proven"].push_back(proven_to_json(proven));
    for (const Day &day : record.days)
        document["days"].push_back(day_to_json(day));
    return on_one_line(document);
}

std::string to_json(const RepositoryRecord &record)
{
    json history = json::array(), parts = json::array();
    for (const MaintenanceRun &run : record.history)
        history.push_back(run_to_json(run));
    for (const Clock::time_point read : record.parts_read)
        parts.push_back({{"read_usec", usec(read)}});
    json document{{"schema", schema},
                  {"repository", bytes_to_json(record.repository)},
                  {"file", bytes_to_json(record.file)},
                  {"damaged", record.damaged},
                  {"next_part", record.next_part},
                  {"parts", std::move(parts)},
                  {"history", std::move(history)}};
    if (record.last_success)
        document["last_success"] = run_to_json(*record.last_success);
    if (record.recovery_key)
        document["recovery_key"] = key_to_json(*record.recovery_key);
    return on_one_line(document);
}

std::string to_json(const Kept &kept)
{
    json instants = json::array();
    for (const KeptInstant &instant : kept.instants)
        instants.push_back(kept_to_json(instant));
    return on_one_line({{"schema", schema},
                        {"job", bytes_to_json(kept.job)},
                        {"file", bytes_to_json(kept.file)},
                        {"instants", std::move(instants)}});
}

std::optional<Activity> activity_from_json(std::string_view from)
{
    return parsed(from, [](const json &document) {
        Activity activity{.job = bytes_from_json(member(document, "job")),
                          .file = bytes_from_json(member(document, "file")),
                          .sources = {},
                          .invocation_id = text(document, "invocation_id"),
                          .started = time(document, "started_usec"),
                          .phase = one_of<Phase>(phases, text(document, "phase")),
                          .repository = text_if_any(document, "repository"),
                          .progress = {},
                          .process = number<pid_t>(document, "process")};
        for (const json &source : member(document, "sources"))
            activity.sources.push_back(bytes_from_json(source));
        if (const json &progress = member(document, "progress"); !progress.is_null())
            activity.progress = progress_from_json(progress);
        return activity;
    });
}

std::optional<Record> record_from_json(std::string_view from)
{
    return parsed(from, [](const json &document) {
        Record record{.job = bytes_from_json(member(document, "job")),
                      .file = bytes_from_json(member(document, "file")),
                      .history = {},
                      .last_success = {},
                      .waits_since = {}};
        for (const json &run : member(document, "history"))
            record.history.push_back(run_from_json(run));
        if (const json &run = member(document, "last_success"); !run.is_null())
            record.last_success = run_from_json(run);
        if (document.contains("waits_since_usec"))
            record.waits_since = time(document, "waits_since_usec");
        record.basis = text_if_any(document, "basis");
        for (const json &one : member(document, "up_to_date"))
            record.up_to_date.push_back(up_to_date_from_json(one));
        for (const json &proven : member(document, "proven"))
            record.proven.push_back(proven_from_json(proven));
        for (const json &day : member(document, "days"))
            record.days.push_back(day_from_json(day));
        return record;
    });
}

namespace
{

/// Where the value ends that begins at `from`: at the comma or bracket after it. At the text's end where it has none.
std::size_t end_of_value(std::string_view text, std::size_t from)
{
    int depth = 0;
    for (bool in_string = false; from < text.size(); ++from) {
        const char character = text[from];
        if (in_string) {
            from += character == '\\' ? 1 : 0;
            in_string = character != '"';
        } else if (character == '"') {
            in_string = true;
        } else if (character == '[' || character == '{') {
            ++depth;
        } else if (character == ']' || character == '}' || character == ',') {
            if (depth == 0)
                return from;
            depth -= character == ',' ? 0 : 1;
        }
    }
    return text.size();
}

/// Where the last of the newest_runs() ends, the first of which begins at `from`.
std::size_t end_of_newest(std::string_view text, std::size_t from)
{
    constexpr std::string_view of_kept = R"("kept_run":")", of_none = R"("kept_run":"")", put_off = R"("outcome":"not-now")";
    for (auto end = end_of_value(text, from);; end = end_of_value(text, from)) {
        const auto run = text.substr(from, end - from); // a quote inside of a string would have a backslash before it
        const bool is_last = (!run.contains(of_kept) || run.contains(of_none)) && !run.contains(put_off);
        if (is_last || end >= text.size() || text[end] != ',')
            return end;
        from = end + 1;
    }
}

/// Takes the elements of an array of objects away, but the newest runs where `newest` says so. `begin` ends with the array's bracket and the first one's.
enum class Newest { stay, go };
void take_away_elements(std::string &text, std::string_view begin, Newest newest)
{
    const auto found = text.find(begin);
    if (found == text.npos)
        return;
    const auto array = found + begin.size() - 2, array_end = end_of_value(text, array); // the latter is behind its bracket
    const auto from = newest == Newest::stay ? end_of_newest(text, array + 1) : array + 1;
    if (from < array_end && array_end <= text.size() && text[array_end - 1] == ']' && (newest == Newest::go || text[from] == ','))
        text.erase(from, array_end - 1 - from);
}

} // namespace

std::string with_newest_runs(std::string text)
{
    take_away_elements(text, R"("days":[{)", Newest::go); // nor would that be inside of one
    take_away_elements(text, R"("history":[{)", Newest::stay);
    return text;
}

std::optional<RepositoryRecord> repository_record_from_json(std::string_view from)
{
    return parsed(from, [](const json &document) {
        RepositoryRecord record{.repository = bytes_from_json(member(document, "repository")),
                                .file = bytes_from_json(member(document, "file")),
                                .next_part = number<std::uint32_t>(document, "next_part"),
                                .damaged = member(document, "damaged") == json(true)};
        for (const json &part : member(document, "parts"))
            record.parts_read.push_back(time(part, "read_usec"));
        for (const json &run : member(document, "history"))
            record.history.push_back(maintenance_run_from_json(run));
        if (const json &run = member(document, "last_success"); !run.is_null())
            record.last_success = maintenance_run_from_json(run);
        if (const json &key = member(document, "recovery_key"); !key.is_null())
            record.recovery_key = key_from_json(key);
        return record;
    });
}

std::optional<Kept> kept_from_json(std::string_view from)
{
    return parsed(from, [](const json &document) {
        Kept kept{.job = bytes_from_json(member(document, "job")), .file = bytes_from_json(member(document, "file"))};
        for (const json &instant : member(document, "instants"))
            kept.instants.push_back(kept_instant_from_json(instant));
        return kept;
    });
}

} // namespace igotchuu
