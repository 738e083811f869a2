// SPDX-License-Identifier: MIT
#include "tests/system/trial.hpp"

#include "job/error.hpp"

#include <format>
#include <iostream>
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

Trials::Trials(const Scene &scene, std::function<void()> before_each)
    : scene_{scene}, before_each_{std::move(before_each)}, began_{steady_clock::now()}
{
    for (int number = 0; number < 3; ++number) { // the shortest: snapshots that missed their one transaction were taken again
        before_each_();
        const auto run = scene_.backup(new_invocation(), {}, Watch::to_the_end);
        if (points_.empty() || run.calls.size() < points_.size())
            points_ = points_of(run.calls);
    }
}

/// I3, the words: what it exited with is what the record says. What was killed may not have had the time to say anything.
std::string Trials::disagreement(const Struck &run, const std::string &invocation) const
{
    if (times_recorded(scene_.subject(), invocation) == 0)
        return run.exited_with(0) && !unreached(run, invocation, scene_.subject().instance).record
                   ? "it exited with 0, but no success is recorded\n"
                   : "";
    const auto outcome = recorded(scene_.subject(), invocation).outcome;
    if (WIFEXITED(run.status) && !run.exited_with(static_cast<int>(exit_status(outcome))))
        return std::format("the record says {}, but {}\n", to_string(outcome), ended(run));
    return {};
}

/// I3, the deeds: what the record calls a success can be restored.
std::string Trials::false_success(const std::string &invocation) const
{
    if (times_recorded(scene_.subject(), invocation) == 0)
        return {};
    const auto run = recorded(scene_.subject(), invocation);
    if (run.outcome != Outcome::success)
        return {};
    try {
        scene_.must_restore(run.repositories.at(0).summary.snapshot_id);
    } catch (const std::exception &error) {
        return std::format("a false success: {}\n", error.what());
    }
    return {};
}

/// I4, and what is left of the processes. That run may come too early: a child that had not executed restic yet still has the lock.
std::string Trials::next_run(const std::string &invocation) const
{
    auto next = scene_.backup(invocation);
    auto orphans = orphans_after(1s);
    if (next.exited_with(static_cast<int>(ExitStatus::not_now)))
        next = scene_.backup(invocation);
    orphans += orphans_after(1s);
    std::string wrong;
    if (!next.exited_with(0))
        wrong += std::format("the next run: {}: {}\n", ended(next), next.errors);
    if (!orphans.empty())
        wrong += std::format("still running: {}\n", orphans);
    return wrong + disagreement(next, invocation);
}

std::string Trials::run_and_look(const Fault &fault, Then then)
{
    before_each_();
    const auto before = look(scene_.subject());
    const auto invocation = new_invocation(), next = new_invocation();
    const auto snapshots = scene_.snapshots();
    const auto run = scene_.backup(invocation, fault);
    const bool restic_had_ended = scene_.snapshots() > snapshots;
    struck_ += run.struck ? 1 : 0;

    std::string wrong = run.in_time ? "" : "it did not end: ";
    if (then == Then::reap_and_next_run)
        if (const auto reap = scene_.exec("reap", invocation); !reap.exited_with(0))
            wrong += std::format("the reaper: {}: {}\n", ended(reap), reap.errors);
    wrong += next_run(next);
    wrong += violations(scene_.subject(), before, unreached(run, invocation, scene_.subject().instance));
    wrong += disagreement(run, invocation) + false_success(invocation);
    if ((run.errors + run.started).contains(scene_.subject().canary))
        wrong += "the password is shown\n";
    if (scene_.restic() == Restic::stand_in || restic_had_ended || tried_ % 100 == 1) {
        wrong += false_success(next);
        scene_.check_repository();
    }
    if (!wrong.empty())
        wrong += std::format("  {}; it had said: {}\n", ended(run), run.errors);
    return wrong;
}

void Trials::play(const Fault &fault, Then then)
{
    if (tried_++ % 20 == 0)
        scene_.begin_anew();
    const auto wrong = run_and_look(fault, then);
    if (wrong.empty())
        return;
    ++bad_;
    const auto text = std::format("{}, {}:\n{}", to_string(fault), then == Then::next_run ? "not reaped" : "reaped", wrong);
    std::cerr << text << std::flush; // of a long test one wants to know before its end
    wrong_ += text;
}

std::string Trials::summary() const
{
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began_);
    return std::format("{} system calls; {} faults, {} of them struck, {} bad; {} ms each\n", points_.size(), tried_, struck_, bad_,
                       took.count() / static_cast<long>(std::max<std::size_t>(tried_, 1)));
}

} // namespace igotchuu::stage
