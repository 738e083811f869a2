// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/occurrences.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/state-files.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <format>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

constexpr std::size_t most_contents = 10; // each takes a start of restic, 0.7 s

/// A file as it was in some snapshots, by its marks.
struct State {
    restic::Node node;
    Occurrences in{};
    std::vector<std::string> modified{}; ///< it was written again with the same contents
    std::optional<std::vector<std::string>> content{}; ///< nothing: not known
};

/// What restic tells a changed file by.
auto marks_of(const restic::Node &node)
{
    return std::tuple{node.type, node.size, node.modified, node.changed, node.inode, node.target};
}

struct States {
    std::vector<State> all{}; ///< the newest first
    std::size_t alike = 0; ///< the most files of one snapshot that restic lists by the path: several are told apart by their marks
    std::optional<restic::Unread> unread{};
};

States states_in(Place &place, const std::string &path)
{
    const auto numbers = numbers_of(place.snapshots());
    States found;
    std::map<decltype(marks_of(restic::Node{})), State> states;
    std::vector<restic::Node> heard; // of the snapshot whose id is still to come
    const auto hear = [&](restic::Node node) {
        if (node.path == path)
            heard.push_back(std::move(node));
    };
    const auto over = [&](const std::string &snapshot) {
        const auto number = numbers.find(snapshot);
        for (const auto &node : heard)
            if (number != numbers.end())
                states.try_emplace(marks_of(node), node).first->second.in.add(number->second);
        found.alike = std::max(found.alike, heard.size());
        heard.clear();
    };
    try {
        restic::find(place.starter(), place.access(), {.patterns = {restic::pattern_of(path)}, .tag = place.tag()}, hear, over);
    } catch (const restic::Unread &what) {
        found.unread = what;
    }
    for (auto &[marks, state] : states) {
        state.modified = {state.node.modified};
        found.all.push_back(std::move(state));
    }
    std::ranges::sort(found.all, {}, [](const State &state) { return state.in.newest(); });
    return found;
}

/// Whether nothing but its contents can tell whether it is another one's state, too.
bool is_contested(const State &state, const std::vector<State> &all)
{
    return state.node.type == "file" && state.node.size > 0 &&
           std::ranges::count_if(
               all, [&](const State &other) { return other.node.type == "file" && other.node.size == state.node.size; }) > 1;
}

/// What the newest snapshot that has the state knows of its contents. Nothing: it cannot be said which of several files it is.
std::optional<std::vector<std::string>> content_of(Place &place, const State &state)
{
    std::vector<restic::Node> listed;
    const auto hear = [&](restic::Node node) {
        if (listed_name(node.path) == state.node.path)
            listed.push_back(std::move(node));
    };
    restic::list_directory(place.starter(), place.access(), place.snapshots()[state.in.newest()].id,
                           std::filesystem::path{state.node.path}.parent_path().native(), hear);
    if (listed.size() > 1)
        std::erase_if(listed, [&](const restic::Node &node) { return marks_of(node) != marks_of(state.node); });
    return listed.empty() ? std::nullopt : std::optional{std::move(listed.front().content)};
}

/// Asks for the contents of those that are contested, the newest first; of how many they stay unknown.
std::size_t learn_contents(Place &place, std::vector<State> &all)
{
    std::size_t asked = 0, unknown = 0;
    for (auto &state : all) {
        if (!is_contested(state, all))
            continue;
        if (asked++ < most_contents)
            state.content = content_of(place, state);
        unknown += state.content ? 0 : 1;
    }
    return unknown;
}

bool is_same(const State &a, const State &b)
{
    if (a.node.type != b.node.type)
        return false;
    if (a.node.type == "file")
        return a.node.size == b.node.size && (a.node.size == 0 || (a.content && a.content == b.content));
    return a.node.type == "symlink" ? a.node.target == b.node.target : a.node.type != "dir";
}

std::vector<State> merged(std::vector<State> all)
{
    std::vector<State> different;
    for (auto &state : all) {
        const auto known =
            std::ranges::find_if(different, [&](const State &one) { return is_same(one, state) && !one.in.meets(state.in); });
        if (known == different.end()) {
            different.push_back(std::move(state));
            continue;
        }
        known->in.add(state.in);
        if (!std::ranges::contains(known->modified, state.node.modified))
            known->modified.push_back(state.node.modified);
    }
    return different;
}

/// They are no snapshot of a repository, and to look into one takes mounting it where a backup may be about to send it: igotchuu(1), "KEPT INSTANTS".
void say_kept(Session &session)
{
    if (!session.job())
        return;
    for (const auto &kept : read_kept({}, session.job()->instance).instants)
        session.conversation().say({{"message", "kept"}, {"time", std::format("{:%FT%TZ}", kept.instant)}});
}

} // namespace

void say_versions(Session &session, const json &request)
{
    const auto path = request.at("path").get<std::string>();
    session.each([&](Place &place) {
        for (const auto &snapshot : place.snapshots())
            session.conversation().say(message_of(place.name(), snapshot));
        auto states = states_in(place, path);
        if (states.alike > 1)
            session.conversation().say(alike_message(place.name(), path, states.alike));
        const auto unknown = learn_contents(place, states.all);
        for (const auto &state : merged(std::move(states.all))) {
            auto message = message_of(state.node);
            message["message"] = "state";
            message["repository"] = place.name();
            message["times"] = state.modified;
            message["in"] = state.in.message();
            session.conversation().say(message);
        }
        if (unknown > 0)
            session.conversation().say({{"message", "not compared"}, {"repository", place.name()}, {"states", unknown}});
        if (states.unread)
            throw restic::Unread{*states.unread};
    });
    say_kept(session);
}

} // namespace igotchuu::retrieve
