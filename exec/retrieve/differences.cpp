// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/session.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <format>
#include <string>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

/// Two snapshots of one repository.
struct Pair {
    Place &place;
    restic::Stored before, after;
};

/// Of the same machine and job.
bool is_alike(const restic::Stored &a, const restic::Stored &b)
{
    return a.host == b.host && a.tags == b.tags;
}

/// The last one there that is like it and older; else nothing.
std::optional<restic::Stored> before(Place &place, const restic::Stored &snapshot)
{
    for (const auto &one : place.snapshots()) // the newest first
        if (one.time < snapshot.time && is_alike(one, snapshot))
            return one;
    return {};
}

const restic::Stored &there(Place &place, const std::string &id)
{
    const auto &all = place.snapshots();
    const auto found = std::ranges::find_if(
        all, [&](const auto &one) { return id == "latest" || one.id.starts_with(id) || one.original.starts_with(id); });
    if (found == all.end())
        throw Failure{std::format("{} is not in the repository {}: two snapshots of one repository can be compared", printable(id),
                                  printable(place.name()))};
    return *found;
}

/// The two that are named; of one the newest beside it; of none the last two.
Pair pair_of(Session &session, const std::vector<std::string> &ids)
{
    auto first = session.find(ids.empty() ? "latest" : ids[0]);
    if (!ids.empty()) {
        const auto second = there(first.place, ids.size() > 1 ? ids[1] : "latest");
        if (second.id == first.snapshot.id)
            throw Failure{std::format("{} would be compared with itself: name another one, or none to compare the last two",
                                      second.id.substr(0, 8))};
        return {first.place, first.snapshot, second};
    }
    std::optional<Pair> newest;
    session.each([&](Place &place) {
        for (const auto &after : place.snapshots()) {
            const auto older = before(place, after);
            if (!older)
                continue;
            if (!newest || after.time > newest->after.time)
                newest.emplace(place, *older, after);
            break;
        }
    });
    if (!newest)
        throw Failure{"there is only one snapshot as yet: nothing to compare it with"};
    return *newest;
}

/// Of what lies below the path, or is it: for a path that is no directory in both. Names tell neither bytes nor what is no file.
restic::Differences compare_by_name(const Pair &pair, const std::string &path,
                                    const std::function<void(const restic::Change &)> &hear)
{
    restic::Differences counted;
    const auto count = [&](const restic::Change &change) {
        const bool is_directory = change.path.ends_with('/');
        const auto name =
            is_directory ? std::string_view{change.path}.substr(0, change.path.size() - 1) : std::string_view{change.path};
        if (!lies_below(name, path))
            return;
        auto &side = change.kind == '+' ? counted.added : counted.removed;
        if (change.kind == '+' || change.kind == '-')
            ++(is_directory ? side.directories : side.files);
        else
            ++counted.changed;
        hear(change);
    };
    static_cast<void>(
        restic::compare_snapshots(pair.place.starter(), pair.place.access(), {pair.before.id, pair.after.id}, "/", count));
    return counted;
}

json message_of(const restic::Amount &amount)
{
    const auto or_null = [](const std::optional<std::uint64_t> &number) { return number ? json(*number) : json(); };
    return {{"files", amount.files},
            {"directories", amount.directories},
            {"others", or_null(amount.others)},
            {"bytes", or_null(amount.bytes)}};
}

restic::Differences compare(const Pair &pair, const std::string &path, const std::function<void(const restic::Change &)> &hear)
try {
    return restic::compare_snapshots(pair.place.starter(), pair.place.access(), {pair.before.id, pair.after.id}, path, hear);
} catch (const restic::NotThere &) { // in one of them at least
    return compare_by_name(pair, path, hear);
} catch (const restic::NoDirectory &) {
    return compare_by_name(pair, path, hear);
}

} // namespace

void say_differences(Session &session, const json &request)
{
    const auto pair = pair_of(session, request.value("snapshots", std::vector<std::string>{}));
    auto &conversation = session.conversation();
    conversation.say(message_of(pair.place.name(), pair.before));
    conversation.say(message_of(pair.place.name(), pair.after));
    const auto say = [&](const restic::Change &change) {
        conversation.say({{"message", "change"}, {"kind", std::string{change.kind}}, {"path", change.path}});
    };
    const auto differences = compare(pair, request.value("path", "/"), say);
    conversation.say({{"message", "differences"},
                      {"changed", differences.changed},
                      {"added", message_of(differences.added)},
                      {"removed", message_of(differences.removed)}});
}

} // namespace igotchuu::retrieve
