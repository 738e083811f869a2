// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"
#include "exec/retrieve/absent.hpp"
#include "exec/retrieve/chosen.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/lies-below.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace igotchuu::retrieve
{

namespace
{

/// What of the path itself and of all that is in it is wanted, by names that restic's JSON can say. False: the snapshot has no such path.
bool say_what_is_found(Session &session, const Session::Found &chosen, const std::string &path,
                       const std::function<bool(const restic::Node &)> &wanted)
{
    bool is_there = false;
    std::size_t alike = 0;
    const auto hear = [&](const restic::Node &node) {
        if (!lies_below(node.path, path))
            return;
        is_there = true;
        alike += node.path == path ? 1 : 0;
        if (wanted(node))
            session.conversation().say(message_of(node));
    };
    restic::find(chosen.place.starter(), chosen.place.access(),
                 {.patterns = {restic::pattern_of(path)}, .snapshot = chosen.snapshot.id}, hear, [](const std::string &) {});
    if (alike > 1)
        session.conversation().say(alike_message(chosen.place.name(), path, alike));
    return is_there;
}

void say_directory(Session &session, const Session::Found &chosen, const std::string &path)
{
    const auto say_file = [&] {
        if (!say_what_is_found(session, chosen, path, [&](const restic::Node &node) { return node.path == path; }))
            refuse_absent(chosen, path);
    };
    try {
        const auto alike = restic::list_directory(chosen.place.starter(), chosen.place.access(), chosen.snapshot.id, path,
                                                  [&](const restic::Node &node) { session.conversation().say(message_of(node)); });
        if (alike > 1)
            session.conversation().say(alike_message(chosen.place.name(), path, alike));
    } catch (const restic::NoDirectory &) {
        say_file();
    } catch (const restic::NotThere &) {
        if (!restic::is_vague(path)) // which may be a file
            refuse_absent(chosen, path);
        say_file();
    }
}

} // namespace

void say_list(Session &session, const json &request)
{
    const auto chosen = retrieve::chosen(session, request);
    const auto &paths = chosen.snapshot.paths;
    const auto path = request.value("path", paths.size() == 1 ? paths.front() : "/");
    session.conversation().say(message_of(chosen.place.name(), chosen.snapshot));
    try {
        if (!request.value("recursive", false))
            say_directory(session, chosen, path);
        else if (!say_what_is_found(session, chosen, path,
                                    [&](const restic::Node &node) { return node.path != path || node.type != "dir"; }))
            refuse_absent(chosen, path);
    } catch (const restic::Unread &what) {
        session.unread(chosen.place, what);
    }
}

} // namespace igotchuu::retrieve
