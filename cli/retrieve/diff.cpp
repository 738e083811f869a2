// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/retrieve/listing.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/retrieve/stored.hpp"
#include "cli/screen.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"
#include "job/utf8.hpp"

#include <format>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

bool is_snapshot(std::string_view word)
{
    return word == "latest" || (word.size() <= 64 && !word.empty() && word.find_first_not_of("0123456789abcdef") == word.npos);
}

json request_for(const DiffRequest &request)
{
    json asked{{"verb", "differences"}, {"snapshots", json::array()}};
    for (const auto &word : request.words) {
        if (is_path(word) && !asked.contains("path"))
            asked["path"] = listed_name(stored_path(word));
        else if (is_path(word))
            throw UsageError{"only one path can be compared at a time"};
        else if (!is_snapshot(word))
            throw UsageError{
                std::format("\"{}\" is no snapshot's id, and no path: that begins with / or ./", printable(word, 100))};
        else
            asked["snapshots"].push_back(word);
    }
    if (asked["snapshots"].size() > 2)
        throw UsageError{"only two snapshots can be compared"};
    return asked;
}

/// `diff PATH`: the job is the one that backs it up.
DiffRequest understood(DiffRequest request)
{
    if (request.where.job.empty())
        return request;
    refuse_bare_path(request.where);
    if (const auto path = request.where.job; is_path(path)) {
        request.words.insert(request.words.begin(), std::exchange(request.where.job, {}));
        add_job_of(request.where, stored_path(path));
    } else if (needs_no_job(request.where, path)) {
        request.words.insert(request.words.begin(), std::exchange(request.where.job, {}));
    }
    return request;
}

void show_heading(const std::vector<json> &snapshots)
{
    const Screen screen{STDOUT_FILENO};
    if (!screen.is_terminal())
        return;
    const auto from = stored_snapshot(snapshots[0]), to = stored_snapshot(snapshots[1]);
    const auto here = host_name();
    std::cout << screen.toned(
                     std::format("{} to {}, in {}", snapshot_text(from, here), snapshot_text(to, here), printable(to.repository)),
                     Tone::heading)
              << '\n';
}

void show_change(const json &change)
{
    const auto kind = change.at("kind").get<std::string>();
    const auto tone = kind == "+" ? Tone::good : kind == "-" ? Tone::bad : Tone::warning;
    std::cout << Screen{STDOUT_FILENO}.toned(printable(kind), tone) << ' ' << printable(change.at("path").get<std::string>())
              << '\n';
}

std::uint64_t number(const json &side, const char *name)
{
    return side.at(name).is_null() ? 0 : side.at(name).get<std::uint64_t>(); // null: not counted
}

std::string side_text(const json &side, std::string_view what)
{
    const auto files = side.at("files").get<std::uint64_t>() + number(side, "others"),
               directories = side.at("directories").get<std::uint64_t>();
    std::string text = std::format("{} {}", counted(files, "file", "files"), what);
    if (directories > 0)
        text += std::format(" and {}", counted(directories, "directory", "directories"));
    return text;
}

void show_summary(const json &differences)
{
    const auto &added = differences.at("added"), &removed = differences.at("removed");
    const auto changed = differences.at("changed").get<std::uint64_t>();
    std::cout << std::format("{}, {}, {} changed", side_text(added, "new"), side_text(removed, "gone"),
                             counted(changed, "file", "files"));
    const auto more = number(added, "bytes"), less = number(removed, "bytes");
    if (more > 0 || less > 0)
        std::cout << std::format("; only the later needs {}, only the earlier {}", bytes_text(more), bytes_text(less));
    std::cout << '\n';
}

} // namespace

int diff_stored(const DiffRequest &typed)
{
    const auto request = understood(typed);
    Retrieval retrieval{request.where, request_for(request)};
    Listing listing{{.name = "changes", .json = request.json, .show = show_change}};
    std::vector<json> snapshots;
    json differences;
    while (auto message = retrieval.next()) {
        const auto what = message->value("message", "");
        if (what == "change") {
            listing.add(std::move(*message));
            continue;
        }
        message->erase("message");
        if (what == "differences")
            differences = std::move(*message);
        else
            snapshots.push_back(std::move(*message));
        if (what == "snapshot" && snapshots.size() == 2 && !request.json)
            show_heading(snapshots);
    }
    const auto status = listing.end(retrieval, {{"snapshots", snapshots}, {"summary", differences}});
    if (!request.json && !differences.is_null())
        show_summary(differences);
    return status;
}

} // namespace igotchuu
