// SPDX-License-Identifier: MIT
#include "cli/instant.hpp"
#include "cli/job-names.hpp"
#include "cli/restore-report.hpp"
#include "cli/retrieval.hpp"
#include "cli/screen.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <filesystem>
#include <format>
#include <iostream>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using nlohmann::json;
namespace fs = std::filesystem;

/// As it stands in a snapshot. Throws UsageError.
std::string absolute(const std::string &word)
try {
    auto path = fs::absolute(word).lexically_normal().native();
    if (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    static_cast<void>(json(path).dump());
    return path;
} catch (const json::exception &) {
    throw UsageError{std::format("{} is no UTF-8: restore the directory that it is in, and --to another one", printable(word))};
}

/// Who names a repository may leave the job out: then the first path stands in its place.
RestoreRequest in_order(RestoreRequest request)
{
    if (!request.where.repository.empty() && request.where.job.starts_with('/'))
        request.paths.insert(request.paths.begin(), std::exchange(request.where.job, {}));
    if (request.paths.empty())
        throw UsageError{"what is to be restored? Name a path, or several"};
    if (!request.at.empty() && !request.snapshot.empty())
        throw UsageError{"--at and --snapshot name two snapshots: leave one of them out"};
    return request;
}

json message_for(const RestoreRequest &request)
{
    json message{{"verb", "restore"},
                 {"paths", json::array()},
                 {"as", request.as},
                 {"overwrite", request.overwrite},
                 {"dry-run", request.dry_run}};
    for (const auto &path : request.paths)
        message["paths"].push_back(absolute(path));
    if (!request.to.empty())
        message["to"] = absolute(request.to);
    if (!request.at.empty())
        message["at"] = std::format("{:%FT%TZ}", instant_from(request.at));
    else
        message["snapshot"] = request.snapshot.empty() ? "latest" : request.snapshot;
    return message;
}

void show(const std::vector<std::string> &lines)
{
    for (const auto &line : lines)
        std::cout << line << '\n';
    std::cout << std::flush;
}

/// Whether to go on with the plan that was shown.
bool is_wanted(const RestoreRequest &request, const StopSignals &stop)
{
    if (request.yes)
        return true;
    if (!somebody_is_there())
        throw UsageError{"nothing was restored: there is no terminal to ask on (--yes restores at once)"};
    const auto answer = ask("Restore that? [y/N] ", Echo::on, stop);
    return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

/// To the end of what exec says; what it is before and after that, is on the screen.
void follow(Retrieval &retrieval)
{
    Screen screen{STDOUT_FILENO};
    while (const auto message = retrieval.next()) {
        const auto kind = message->value("message", "");
        if (kind == "progress" && screen.is_live())
            screen.live({restore_progress_line(*message)});
        if (kind != "restored")
            continue;
        if (screen.is_live())
            screen.live({});
        show(end_lines(*message));
    }
}

} // namespace

int restore(const RestoreRequest &typed)
{
    const auto request = in_order(typed);
    Retrieval retrieval{request.where, message_for(request)};
    const auto plan = retrieval.next();
    if (!plan)
        return retrieval.wait();
    show(plan_lines(*plan));
    if (!has_work(*plan))
        std::cout << "There is nothing to restore.\n";
    if (request.dry_run || !has_work(*plan))
        return retrieval.wait();
    if (!is_wanted(request, retrieval.stop())) {
        std::cout << "Nothing was restored.\n";
        return static_cast<int>(ExitStatus::stopped);
    }
    retrieval.tell({{"go", true}});
    follow(retrieval);
    return retrieval.wait();
}

} // namespace igotchuu
