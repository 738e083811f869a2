// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/retrieve/json-list.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/retrieve/stored-file.hpp"
#include "cli/retrieve/stored-snapshots.hpp"
#include "cli/shell.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/host-name.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <map>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

/// A path, as the newest snapshot has it, and all that have it, the newest first.
struct Found {
    StoredFile file;
    std::vector<StoredSnapshot> snapshots;
};
using AllFound = std::map<std::string, Found>;

FindRequest understood(FindRequest request)
{
    auto &job = request.where.job;
    if (!job.empty() && needs_no_job(request.where, job))
        request.patterns.insert(request.patterns.begin(), std::exchange(job, {}));
    if (!request.patterns.empty())
        return request;
    if (const auto jobs = jobs_with_files(SearchPath::standard()); !job.empty() && !jobs.empty() && is_no_job(job))
        throw UsageError{std::format("of which job? Name it before the pattern ({}): igotchuu find JOB {}", to_choose_from(jobs),
                                     printable(shell_word(job)))};
    throw UsageError{"what is to be found? Name a pattern: igotchuu find JOB '*.odt'"};
}

void add(AllFound &all, Found found)
{
    const auto [known, is_new] = all.try_emplace(found.file.path, found);
    if (is_new)
        return;
    auto &snapshots = known->second.snapshots;
    if (found.snapshots.front().time > snapshots.front().time)
        known->second.file = std::move(found.file);
    std::ranges::move(found.snapshots, std::back_inserter(snapshots));
    std::ranges::stable_sort(snapshots, std::ranges::greater{}, &StoredSnapshot::time);
}

void show_table(const AllFound &all)
{
    Table table;
    table.row({{"NEWEST", Tone::heading},
               {"OF", Tone::heading},
               {"HOST", Tone::heading},
               {"SNAPSHOTS", Tone::heading},
               {"SIZE", Tone::heading},
               {"PATH", Tone::heading}});
    for (const auto &[path, found] : all)
        table.row({{found.snapshots.front().id.substr(0, 8)},
                   {time_text(found.snapshots.front().time)},
                   {printable(found.snapshots.front().host)},
                   {number_text(count_instants(found.snapshots))},
                   {found.file.type == "file" ? bytes_text(found.file.size) : printable(found.file.type)},
                   {printable(path) + (found.file.type == "dir" ? "/" : "")}});
    const auto here = host_name();
    if (std::ranges::none_of(all, [&](const auto &one) { return are_from_elsewhere(one.second.snapshots, here); }))
        table.drop(2);
    for (const auto &line : table.lines(Screen{STDOUT_FILENO}))
        std::cout << line << '\n';
}

void print_json(const AllFound &all, const Retrieval &retrieval)
{
    JsonList list{"found"};
    for (const auto &[path, found] : all)
        list.add({{"path", path},
                  {"type", found.file.type},
                  {"size", found.file.size},
                  {"modified", found.file.modified},
                  {"snapshots", json_of(found.snapshots)}});
    list.end({{"alike", retrieval.alike()}, {"troubles", retrieval.troubles()}});
}

} // namespace

int find_stored(const FindRequest &typed)
{
    const auto request = understood(typed);
    auto patterns = request.patterns;
    std::ranges::transform(patterns, patterns.begin(), listed_name);
    Retrieval retrieval{request.where, {{"verb", "find"}, {"patterns", std::move(patterns)}}};
    StoredSnapshots snapshots;
    AllFound all;
    while (const auto message = retrieval.next())
        if (message->value("message", "") == "snapshot")
            snapshots.add(*message);
        else
            add(all, {stored_file(*message), snapshots.in(*message)});
    const auto status = retrieval.wait();
    if (request.json)
        print_json(all, retrieval);
    else if (!all.empty())
        show_table(all);
    if (status != 0 || !all.empty())
        return status;
    if (!request.json)
        std::cerr << "igotchuu: nothing like that is in any of " << counted(snapshots.size(), "snapshot", "snapshots") << '\n';
    return static_cast<int>(ExitStatus::failed);
}

} // namespace igotchuu
