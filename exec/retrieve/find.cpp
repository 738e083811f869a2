// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/occurrences.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/lies-below.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

/// A path, as the newest snapshot has it, and in which ones it is.
struct Path {
    restic::Node node{};
    Occurrences in{};
};

void add(std::map<std::string, Path> &paths, restic::Node node, std::size_t snapshot)
{
    auto &path = paths[node.path];
    path.in.add(snapshot);
    if (path.in.newest() == snapshot)
        path.node = std::move(node);
}

/// All paths of a place that fit, by their names. What lies below a directory that fits is not among them: restic would list it.
std::map<std::string, Path> paths_in(Place &place, const std::vector<std::string> &patterns)
{
    const auto numbers = numbers_of(place.snapshots());
    std::map<std::string, Path> paths;
    std::vector<restic::Node> heard; // of the snapshot whose id is still to come
    const auto hear = [&](restic::Node node) {
        if (heard.empty() || heard.back().type != "dir" || !lies_below(node.path, heard.back().path))
            heard.push_back(std::move(node));
    };
    const auto over = [&](const std::string &snapshot) {
        const auto number = numbers.find(snapshot);
        for (auto &node : heard)
            if (number != numbers.end()) // else it is younger than the list
                add(paths, std::move(node), number->second);
        heard.clear();
    };
    restic::find(place.starter(), place.access(), {.patterns = patterns, .tag = place.tag()}, hear, over);
    return paths;
}

} // namespace

void say_found(Session &session, const json &request)
{
    const auto patterns = request.at("patterns").get<std::vector<std::string>>();
    session.each([&](Place &place) {
        for (const auto &snapshot : place.snapshots())
            session.conversation().say(message_of(place.name(), snapshot));
        for (const auto &[name, path] : paths_in(place, patterns)) {
            auto message = message_of(path.node);
            message["message"] = "found";
            message["repository"] = place.name();
            message["in"] = path.in.message();
            session.conversation().say(message);
        }
    });
}

} // namespace igotchuu::retrieve
