// SPDX-License-Identifier: MIT
#include "tests/system/trial.hpp"

#include "job/error.hpp"

#include <format>
#include <sstream>
#include <sys/wait.h>

namespace igotchuu::stage
{
namespace
{

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// What the run itself says that it could not write to.
Unreached unreached(const Struck &run, const std::string &invocation, const std::string &instance)
{
    const auto said = [&](const std::string &what) {
        std::istringstream lines{run.errors};
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("cannot write ") && line.contains(what) && line.ends_with("; the run goes on"))
                return true;
        return false;
    };
    return {.invocation = invocation,
            .record = said(std::format(" /var/lib/igotchuu/jobs/.{}.json", instance)) ||
                      said(std::format(" /var/lib/igotchuu/jobs/{}.json", instance)),
            .journal = said("to the journal")};
}

std::string ended(const Struck &run)
{
    if (!run.in_time)
        return "it hung in\n" + run.hung_in;
    if (WIFSIGNALED(run.status))
        return std::format("it was ended by signal {}", WTERMSIG(run.status));
    return std::format("it exited with {}", WEXITSTATUS(run.status));
}

} // namespace

Trials::Trials(const Scene &scene)
    : scene_{scene}, points_{points_of(scene.backup(new_invocation(), {}, Watch::to_the_end).calls)}, began_{steady_clock::now()}
{
}

/// I3: never a success that is none. What was killed may not have had the time to say anything.
std::string Trials::untrue(const Struck &struck, const std::string &invocation) const
{
    const auto times = times_recorded(scene_.subject(), invocation);
    const bool said_success = times == 1 && recorded(scene_.subject(), invocation).outcome == Outcome::success;
    if (times == 1 && WIFEXITED(struck.status)) {
        const auto run = recorded(scene_.subject(), invocation);
        if (!struck.exited_with(static_cast<int>(exit_status(run.outcome))))
            return std::format("the record says {}, but {}\n", to_string(run.outcome), ended(struck));
    }
    if (!said_success)
        return struck.exited_with(0) && !unreached(struck, invocation, scene_.subject().instance).record
                   ? "it exited with 0, but no success is recorded\n"
                   : "";
    try {
        scene_.must_restore(recorded(scene_.subject(), invocation).repositories.at(0).summary.snapshot_id);
    } catch (const std::exception &error) {
        return std::format("a false success: {}\n", error.what());
    }
    return {};
}

std::string Trials::run_and_look(const Fault &fault, Then then)
{
    const auto before = look(scene_.subject());
    const auto invocation = new_invocation(), next_invocation = new_invocation();
    const auto run = scene_.backup(invocation, fault);
    struck_ += run.struck ? 1 : 0;
    std::string wrong, orphans;
    if (!run.in_time)
        wrong += ended(run);
    if (then == Then::reap_and_next_run)
        if (const auto reap = scene_.exec("reap", invocation); !reap.exited_with(0))
            wrong += std::format("the reaper: {}: {}\n", ended(reap), reap.errors);
    auto next = scene_.backup(next_invocation);
    if (next.exited_with(static_cast<int>(ExitStatus::not_now))) { // a child that had not executed restic yet still has the lock
        orphans = orphans_after(1s);
        next = scene_.backup(next_invocation);
    }
    if (!next.exited_with(0))
        wrong += std::format("the next run: {}: {}\n", ended(next), next.errors);
    orphans += orphans_after(1s);
    if (!orphans.empty())
        wrong += std::format("still running: {}\n", orphans);
    wrong += violations(scene_.subject(), before, unreached(run, invocation, scene_.subject().instance)) + untrue(run, invocation) +
             untrue(next, next_invocation);
    if ((run.errors + run.started + next.errors).contains(scene_.subject().canary))
        wrong += "the password is shown\n";
    if (!wrong.empty())
        wrong += std::format("  {}; it had said: {}\n", ended(run), run.errors);
    return wrong;
}

void Trials::play(const Fault &fault, Then then, bool whole)
{
    ++tried_;
    auto wrong = run_and_look(fault, then);
    if (whole)
        scene_.check_repository();
    if (wrong.empty())
        return;
    ++bad_;
    wrong_ += std::format("{}, {}:\n{}", to_string(fault), then == Then::next_run ? "not reaped" : "reaped", wrong);
}

std::string Trials::summary() const
{
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began_);
    return std::format("{} system calls; {} faults, {} of them struck, {} bad; {} ms each\n", points_.size(), tried_, struck_, bad_,
                       took.count() / static_cast<long>(std::max<std::size_t>(tried_, 1)));
}

} // namespace igotchuu::stage
