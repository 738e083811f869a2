// SPDX-License-Identifier: MIT
#include "exec/reap.hpp"

#include "exec/lock.hpp"
#include "exec/snapshot/btrfs.hpp"
#include "job/state.hpp"

#include <format>
#include <iostream>

namespace igotchuu
{

namespace
{

/// `held`: the locks that keep the runs over until everything is deleted.
btrfs::Reaped reap_over(const std::string &instance, std::span<const std::string> sources, const Scratch &scratch)
{
    std::vector<Lock> held;
    return btrfs::reap(sources, scratch.path(), [&](const btrfs::Leftover &leftover) {
        if (leftover.instance == instance)
            return true;
        auto lock = Lock::try_take(leftover.instance, LockKind::exclusive);
        if (!lock)
            return false;
        held.push_back(std::move(*lock));
        return true;
    });
}

} // namespace

std::string run_name(std::string_view instance, std::string_view invocation_id)
{
    return std::format("{}:{}", instance, invocation_id);
}

void reap_leftovers(const std::string &instance, std::span<const std::string> sources, const Scratch &scratch, Report &report)
{
    const auto reaped = reap_over(instance, sources, scratch);
    for (const auto &leftover : reaped.removed)
        report.reaped(leftover.instance, leftover.run);
    for (const auto &what : reaped.stuck)
        report.stuck(what);
    for (const auto &what : reaped.foreign)
        report.foreign(what);
}

void reap_killed(const std::string &instance, const std::string &invocation_id)
{
    const auto lock = Lock::try_take(instance, LockKind::exclusive);
    if (!lock)
        return; // a run by hand is under way: it is not what was killed
    const auto activity = read_activity({}, instance);
    if (!activity || activity->invocation_id != invocation_id)
        return; // the run has said how it ended
    enter_private_namespace();
    const Scratch scratch;
    const auto reaped = reap_over(instance, activity->sources, scratch);
    for (const auto &what : reaped.stuck)
        std::cerr << what << '\n';
    report_killed(*activity, instance);
}

} // namespace igotchuu
