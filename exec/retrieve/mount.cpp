// SPDX-License-Identifier: MIT
#include "exec/mount-tree.hpp"
#include "exec/restic/fusermount.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/retrieve/mount-point.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <format>
#include <iostream>
#include <utility>

namespace igotchuu::retrieve
{

namespace
{

void refuse_to_cover(const Repository &repository, const std::string &directory)
{
    const auto path = repository.local_path();
    if (!path.empty() && (lies_below(path, directory) || lies_below(directory, path)))
        throw Failure{std::format("cannot mount on {}: the repository itself, {}, would be covered (take another directory)",
                                  printable(directory), printable(path))};
}

/// Where restic is told to mount is never mounted on, but has to be a directory that root may write to, and from 0.19.1 on neither above nor below the repository: it takes the
/// directory that it starts in for that where the location comes by a file.
restic::Verb mount_verb(const Place &place, const Fd &connection)
{
    std::vector<std::string> arguments{"mount", place.starter().installation.cache_directory, "--no-lock"};
    if (!place.tag().empty())
        arguments.push_back("--tag=" + place.tag());
    return {.arguments = std::move(arguments),
            .variables = {restic::variable_of(connection)},
            .inherited = {connection.get()},
            .directory = "/proc"};
}

/// What restic says while it serves. Why it does not begin to is said at the end, and of an end that was asked for nobody is told.
restic::Listener listener_of(Session &session, const MountPoint &point)
{
    return {[](const Progress &) {},
            [&](const std::string &line) {
                if (point.mount() != 0 && !session.stop().asked())
                    std::cerr << "restic: " << line << '\n';
            },
            [](pid_t, int) {}, [&] { return session.conversation().is_over(); }};
}

/// Throws where it has ended otherwise than it should: by a stop, or since somebody has unmounted it.
void check_end(Session &session, const Repository &repository, const restic::Ended &ended)
{
    if (session.stop().asked() || session.conversation().is_over() || (ended.end.succeeded() && !ended.hangs))
        return;
    throw Failure{restic::explain(repository, ended)};
}

} // namespace

void mount(Session &session, const json &request)
{
    MountPoint point{session.caller(), request.at("directory").get<std::string>()};
    const bool is_empty = point.is_empty();
    auto &place = session.find("latest").place; // of several repositories that one
    refuse_to_cover(place.repository(), point.path());
    auto connection = restic::new_fuse_connection(session.caller().root());
    auto tree = new_served_mount(connection, printable(point.path()));
    auto verb = mount_verb(place, connection);
    verb.line = [&](std::string_view line) {
        if (!connection || !line.contains("serving the repository"))
            return;
        connection = Fd{}; // restic's alone: when it dies, nobody who reads there waits for it
        point.attach(std::move(tree));
        session.conversation().say(
            {{"message", "mounted"}, {"repository", place.name()}, {"mount", point.mount()}, {"covers", !is_empty}});
    };
    const auto listener = listener_of(session, point);
    const auto &starter = place.starter();
    const restic::Starter own{starter.installation, starter.features, starter.stop, listener, starter.starts};
    const auto ended = restic::start(own, place.access(), verb);
    check_end(session, place.repository(), ended);
    session.ends_with(ExitStatus::success);
}

} // namespace igotchuu::retrieve
