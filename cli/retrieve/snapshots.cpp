// SPDX-License-Identifier: MIT
#include "cli/retrieve/retrieval.hpp"
#include "cli/retrieve/stored.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <set>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using nlohmann::json;

/// Whether they differ in that: else it needs no column.
bool differ(const std::vector<StoredSnapshot> &snapshots, std::string StoredSnapshot::*member)
{
    return std::ranges::any_of(snapshots, [&](const auto &one) { return one.*member != snapshots.front().*member; });
}

std::string paths_of(const StoredSnapshot &snapshot)
{
    std::string text;
    for (const auto &path : snapshot.paths)
        text += (text.empty() ? "" : " ") + printable(path);
    return text;
}

Table table_of(const std::vector<StoredSnapshot> &snapshots)
{
    Table table;
    std::vector<Cell> heading;
    for (const auto *const title : {"SNAPSHOT", "OF", "REPOSITORY", "JOB", "HOST", "FILES", "SIZE", "PATHS"})
        heading.push_back({title, Tone::heading});
    table.row(std::move(heading));
    for (const auto &one : snapshots)
        table.row({{one.id.substr(0, 8)},
                   {time_text(one.time)},
                   {printable(one.repository)},
                   {printable(one.job)},
                   {printable(one.host)},
                   {one.files == 0 ? "-" : number_text(one.files)},
                   {one.files == 0 ? "-" : bytes_text(one.bytes)},
                   {paths_of(one)}});
    if (!are_from_elsewhere(snapshots, host_name()))
        table.drop(4);
    if (!differ(snapshots, &StoredSnapshot::job))
        table.drop(3);
    if (!differ(snapshots, &StoredSnapshot::repository))
        table.drop(2);
    return table;
}

} // namespace

int show_snapshots(const SnapshotsRequest &request)
{
    Retrieval retrieval{request.where, {{"verb", "snapshots"}}};
    std::vector<StoredSnapshot> snapshots;
    auto list = json::array();
    while (auto message = retrieval.next()) {
        snapshots.push_back(stored_snapshot(*message));
        message->erase("message");
        list.push_back(std::move(*message));
    }
    const auto status = retrieval.wait();
    if (request.json) {
        std::cout << json{{"schema", 1}, {"snapshots", list}, {"troubles", retrieval.troubles()}}.dump() << '\n';
    } else if (!snapshots.empty()) {
        std::ranges::stable_sort(snapshots, std::ranges::greater{}, &StoredSnapshot::time);
        for (const auto &line : table_of(snapshots).lines(Screen{STDOUT_FILENO}))
            std::cout << line << '\n';
    } else if (status == 0) {
        std::cout << "There is no snapshot yet.\n";
    }
    return status;
}

} // namespace igotchuu
