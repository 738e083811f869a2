// SPDX-License-Identifier: MIT
#include "cli/retrieve/listing.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/retrieve/stored-file.hpp"
#include "cli/retrieve/stored.hpp"
#include "cli/screen.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"
#include "job/utf8.hpp"

#include <filesystem>
#include <format>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

json request_for(const ListRequest &request)
{
    json asked{{"verb", "list"}, {"recursive", request.recursive}};
    if (!request.path.empty())
        asked["path"] = listed_name(request.path);
    add_to(asked, request.which);
    return asked;
}

/// `ls PATH`: the job is the one that backs it up.
ListRequest understood(ListRequest request)
{
    if (request.path.empty() && is_path(request.where.job))
        request.path = std::exchange(request.where.job, {});
    refuse_bare_path(request.where);
    if (request.path.empty())
        return request;
    request.path = stored_path(request.path);
    add_job_of(request.where, request.path);
    return request;
}

void show_heading(const json &message)
{
    const auto snapshot = stored_snapshot(message);
    const Screen screen{STDOUT_FILENO};
    if (screen.is_terminal())
        std::cout << screen.toned(std::format("{}, in {}", snapshot_text(snapshot, host_name()), printable(snapshot.repository)),
                                  Tone::heading)
                  << '\n';
}

void show_entry(const json &message, bool whole_path)
{
    const auto file = stored_file(message);
    std::cout << long_line(file, whole_path ? file.path : std::filesystem::path{file.path}.filename().native()) << '\n';
}

} // namespace

int list_stored(const ListRequest &typed)
{
    const auto request = understood(typed);
    Retrieval retrieval{request.where, request_for(request)};
    Listing listing{
        {.name = "entries", .json = request.json, .show = [&](const json &entry) { show_entry(entry, request.recursive); }}};
    json snapshot;
    while (auto message = retrieval.next()) {
        if (message->value("message", "") != "snapshot") {
            listing.add(std::move(*message));
            continue;
        }
        message->erase("message");
        snapshot = std::move(*message);
        if (!request.json)
            show_heading(snapshot);
    }
    return listing.end(retrieval, {{"snapshot", snapshot}, {"alike", retrieval.alike()}});
}

} // namespace igotchuu
