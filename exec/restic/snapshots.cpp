// SPDX-License-Identifier: MIT
#include "exec/restic/snapshots.hpp"

#include "exec/restic/cause.hpp"
#include "exec/restic/snapshot-json.hpp"
#include "exec/restic/verdict.hpp"
#include "job/state.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <functional>
#include <map>
#include <ranges>
#include <utility>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

constexpr std::array<std::string_view, 10> names{
    "id", "original", "parent", "time", "hostname", "tags", "paths", "summary", "total_files_processed", "total_bytes_processed"};
constexpr int deepest = 3; // snapshots, snapshot, tags, tag
constexpr std::size_t output_max = std::size_t{64} * 1024 * 1024; // of 100,000 snapshots or so
constexpr std::size_t most_of_a_job = Record::history_max + 50;
constexpr std::chrono::seconds reach{20};

/// Empty: it is no job's.
std::string job_tag(const Stored &snapshot)
{
    const auto found = std::ranges::find_if(snapshot.tags, [](const auto &tag) { return tag.starts_with("igotchuu-job="); });
    return found == snapshot.tags.end() ? std::string{} : *found;
}

/// Of a snapshot's summary, which restic keeps from 0.17 on.
std::uint64_t total(const json &snapshot, const char *name)
{
    const auto &summary = member(snapshot, "summary");
    const auto &value = summary.is_null() ? summary : member(summary, name);
    return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

/// What restic did not list might be the very one that is looked for. `line`: what it said of that.
[[noreturn]] void refuse_half_a_list(const Repository &repository, const Ended &ended, const std::string &line)
{
    const auto message = std::format("restic could not list all snapshots of {}: {}", shown_location(repository), line);
    if (repository.local_path().empty() && (is_out_of_reach(line) || is_out_of_reach(ended.words.cause())))
        throw Unreached{message};
    throw Failure{message};
}

} // namespace

void expect_list(const Repository &repository, const Ended &ended)
{
    if (ended.end.succeeded())
        return;
    auto result = ended.silent ? judge_silence(repository, ended.words) : judge(repository, ended.end, ended.words);
    if (ended.lost_server())
        result.message = explain(repository, ended);
    if (ended.lost_server() || result.outcome == Outcome::pending)
        throw Unreached{result.message};
    if (ended.was_stopped())
        throw Cancelled{};
    throw Failure{result.message};
}

bool says_unlisted(std::string_view line)
{
    return line.starts_with("could not load snapshots: ") || line.starts_with("Ignoring ");
}

std::vector<Stored> stored_in(const json &list)
{
    std::vector<Stored> all;
    for (const auto &snapshot : list)
        all.push_back({.id = id_of(snapshot),
                       .original = original_of(snapshot),
                       .time = time_of(snapshot),
                       .host = text(snapshot, "hostname"),
                       .tags = texts(snapshot, "tags"),
                       .paths = texts(snapshot, "paths"),
                       .parent = snapshot.contains("parent") ? text(snapshot, "parent") : std::string{},
                       .files = total(snapshot, "total_files_processed"),
                       .bytes = total(snapshot, "total_bytes_processed")});
    return all;
}

std::optional<Stored> stored_on(std::string_view line)
try {
    const auto object = json::parse(line, nullptr, false);
    if (!object.is_object() || object.value("struct_type", "") != "snapshot")
        return {};
    return stored_in(json::array({object})).front();
} catch (const std::exception &) { // json::exception, NotUnderstood
    return {};
}

json list_of(const std::vector<Stored> &snapshots)
{
    auto list = json::array();
    for (const auto &snapshot : snapshots) {
        json one{{"id", snapshot.id},
                 {"time", std::format("{:%FT%TZ}", snapshot.time)},
                 {"hostname", snapshot.host},
                 {"tags", snapshot.tags},
                 {"paths", snapshot.paths}};
        if (!snapshot.original.empty())
            one["original"] = snapshot.original;
        if (!snapshot.parent.empty())
            one["parent"] = snapshot.parent;
        list.push_back(std::move(one));
    }
    return list;
}

std::vector<Stored> parse_all_snapshots(std::string_view text)
try {
    Sieve sieve{names, deepest};
    const auto list = json::parse(text, std::ref(sieve), false);
    if (sieve.overflown())
        throw NotUnderstood{"it is too long"};
    if (!list.is_array() && !list.is_null()) // Go's for an empty one
        throw NotUnderstood{"it is no list"};
    auto all = stored_in(list);
    std::ranges::stable_sort(all, std::ranges::greater{}, &Stored::time);
    return all;
} catch (const NotUnderstood &what) {
    throw Failure{std::format("the snapshots that restic lists cannot be understood ({})", what.what())};
}

std::vector<Stored> parse_snapshots(std::string_view text)
{
    auto all = parse_all_snapshots(text);
    std::map<std::string, std::size_t> counted;
    std::erase_if(all, [&](const Stored &snapshot) {
        const auto tag = job_tag(snapshot);
        return tag.empty() || ++counted[tag] > most_of_a_job;
    });
    return all;
}

namespace
{

/// What restic prints of them, all of it.
std::string printed_list(const Starter &starter, const Access &access, const std::string &tag)
{
    std::string unlisted;
    const Listener ears{starter.listener.progress,
                        [&](const std::string &line) {
                            if (unlisted.empty() && says_unlisted(line))
                                unlisted = line;
                            starter.listener.complaint(line);
                        },
                        starter.listener.stands_still, starter.listener.give_up};
    const Starter heard{starter.installation, starter.features, starter.stop, ears, starter.starts};
    for (const bool is_last : {false, true}) { // somebody may have forgotten one while it was listed
        unlisted.clear();
        std::string printed;
        Verb verb{.arguments = {"snapshots", "--json", "--no-lock"},
                  .output = [&](std::string_view bytes) { printed += bytes.substr(0, output_max - printed.size() + 1); },
                  .answers_within = access.repository().answer_timeout, // it prints no progress: its whole time
                  .reaches_within = reach};
        if (!tag.empty())
            verb.arguments.push_back("--tag=" + tag);
        const auto ended = start(heard, access, verb);
        expect_list(access.repository(), ended);
        if (printed.size() > output_max)
            throw Failure{"the list of this machine's snapshots is over 64 MiB"};
        if (unlisted.empty())
            return printed;
        if (is_last)
            refuse_half_a_list(access.repository(), ended, unlisted);
    }
    std::unreachable();
}

} // namespace

std::vector<Stored> snapshots(const Starter &starter, const Access &access, const std::string &tag)
{
    return parse_snapshots(printed_list(starter, access, tag));
}

std::vector<Stored> all_snapshots(const Starter &starter, const Access &access, const std::string &tag)
{
    return parse_all_snapshots(printed_list(starter, access, tag));
}

} // namespace igotchuu::restic
