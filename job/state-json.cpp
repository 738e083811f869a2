// SPDX-License-Identifier: MIT
#include "job/state-json.hpp"

#include "job/run-json.hpp"

#include <utility>

namespace igotchuu
{
namespace
{

using namespace state_json;
using std::chrono::microseconds;

constexpr int schema = 1;

json maintenance_run_to_json(const MaintenanceRun &run)
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
        history.push_back(maintenance_run_to_json(run));
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
        document["last_success"] = maintenance_run_to_json(*record.last_success);
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
