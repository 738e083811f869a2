// SPDX-License-Identifier: MIT
#include "exec/restic/exclusion.hpp"
#include "exec/restic/look.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/occurrences.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

/// A path, as the newest snapshot has it, and in which ones it is.
struct Path {
    restic::Node node{};
    Occurrences in{};
    std::size_t alike = 1; ///< the most names of one snapshot that restic lists by it
};

struct Paths {
    std::map<std::string, Path> by_name{};
    std::optional<restic::Unread> unread{};
};

/// What fits in one snapshot.
void add(std::map<std::string, Path> &paths, std::vector<restic::Node> nodes, std::size_t snapshot)
{
    std::map<std::string, std::size_t> named; // those that may be several
    for (auto &node : nodes) {
        auto &path = paths[node.path];
        if (restic::is_vague(node.path))
            path.alike = std::max(path.alike, ++named[node.path]);
        path.in.add(snapshot);
        if (path.in.newest() == snapshot)
            path.node = std::move(node);
    }
}

/// All paths of a place that fit. What lies below a directory that fits, and which restic lists, is among them where it fits by itself.
Paths paths_in(Place &place, const std::vector<std::string> &patterns)
{
    const auto numbers = numbers_of(place.snapshots());
    Paths paths;
    std::vector<restic::Node> heard; // of the snapshot whose id is still to come
    std::string around; // the topmost directory that fits
    const auto hear = [&](restic::Node node) {
        const bool is_inside = node.path != around && lies_below(node.path, around);
        if (is_inside && std::ranges::none_of(patterns, [&](const auto &one) { return restic::fits_itself(one, node.path); }))
            return;
        if (!is_inside && node.type == "dir")
            around = node.path;
        heard.push_back(std::move(node));
    };
    const auto over = [&](const std::string &snapshot) {
        if (const auto number = numbers.find(snapshot); number != numbers.end()) // else it is younger than the list
            add(paths.by_name, std::move(heard), number->second);
        heard.clear();
        around.clear();
    };
    auto typed = patterns;
    std::ranges::transform(typed, typed.begin(), restic::typed_pattern);
    try {
        restic::find(place.starter(), place.access(), {.patterns = std::move(typed), .tag = place.tag()}, hear, over);
    } catch (const restic::Unread &what) {
        paths.unread = what;
    }
    return paths;
}

} // namespace

void say_found(Session &session, const json &request)
{
    const auto patterns = request.at("patterns").get<std::vector<std::string>>();
    session.each([&](Place &place) {
        for (const auto &snapshot : place.snapshots())
            session.conversation().say(message_of(place.name(), snapshot));
        const auto paths = paths_in(place, patterns);
        for (const auto &[name, path] : paths.by_name) {
            if (path.alike > 1)
                session.conversation().say(alike_message(place.name(), name, path.alike));
            auto message = message_of(path.node);
            message["message"] = "found";
            message["repository"] = place.name();
            message["in"] = path.in.message();
            session.conversation().say(message);
        }
        if (paths.unread)
            throw restic::Unread{*paths.unread};
    });
}

} // namespace igotchuu::retrieve
