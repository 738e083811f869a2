// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/restore-report.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/screen.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

/// As it stands in a snapshot.
std::string absolute(const std::string &word)
try {
    auto path = stored_path(word);
    static_cast<void>(json(path).dump());
    return path;
} catch (const json::exception &) {
    throw UsageError{std::format("{} is no UTF-8: restore the directory that it is in, and --to another one", printable(word))};
}

/// The job may be left out: then the first path stands in its place.
RestoreRequest understood(RestoreRequest request)
{
    auto &job = request.where.job;
    if (!job.empty() && (is_path(job) || needs_no_job(request.where, job)))
        request.paths.insert(request.paths.begin(), std::exchange(job, {}));
    if (request.paths.empty())
        throw UsageError{"what is to be restored? Name a path, or several"};
    std::ranges::transform(request.paths, request.paths.begin(), absolute);
    if (!request.to.empty())
        request.to = absolute(request.to);
    add_job_of(request.where, request.paths.front());
    return request;
}

json request_for(const RestoreRequest &request)
{
    json all{{"verb", "restore"},       {"paths", request.paths},         {"to", request.to},
             {"as", request.as},        {"overwrite", request.overwrite}, {"dry-run", request.dry_run},
             {"confirmed", request.yes}};
    add_to(all, request.which);
    return all;
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
    return ask_for_consent("Restore that? [y/N] ", Consent::refused, stop) == Consent::given;
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
    const auto request = understood(typed);
    Retrieval retrieval{request.where, request_for(request)};
    const auto plan = retrieval.next();
    if (!plan)
        return retrieval.wait();
    show(plan_lines(*plan));
    if (!has_work(*plan))
        std::cout << no_work_line(*plan) << '\n';
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
