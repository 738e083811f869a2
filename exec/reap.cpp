// SPDX-License-Identifier: MIT
#include "exec/reap.hpp"

#include "exec/holders.hpp"
#include "exec/lock.hpp"
#include "exec/service-end.hpp"
#include "exec/silent-end.hpp"
#include "exec/snapshot/choose.hpp"
#include "exec/unanswered.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>

namespace igotchuu
{

namespace
{

/// What runs have kept, by job, read once the job's lock is held: from then on nobody adds to it.
class KeptRuns
{
public:
    [[nodiscard]] bool contain(const Leftover &leftover)
    {
        const auto [known, is_new] = all_.try_emplace(leftover.instance);
        if (is_new)
            known->second = read(leftover.instance);
        return !known->second || std::ranges::contains(known->second->instants, leftover.run, &KeptInstant::run);
    }
    [[nodiscard]] const std::vector<std::string> &faults() const noexcept { return faults_; }

private:
    std::optional<Kept> read(const std::string &instance)
    try {
        return read_kept({}, instance);
    } catch (const Failure &error) {
        faults_.emplace_back(error.what());
        return std::nullopt;
    }

    std::map<std::string, std::optional<Kept>> all_; ///< nothing: it cannot be read, and whatever it may list stays
    std::vector<std::string> faults_;
};

/// `held`: the locks that keep the runs over until everything is deleted.
Reaped reap_over(const std::string &instance, std::span<const std::string> sources, const Scratch &scratch)
{
    const auto silent = unanswered(sources); // they have no snapshots
    std::vector<std::string> looked_into;
    std::ranges::copy_if(sources, std::back_inserter(looked_into),
                         [&](const auto &source) { return !std::ranges::contains(silent, source, &Unanswered::path); });
    std::map<std::string, Lock> held; // of a job that has left several things, or by several methods, the lock is ours already
    KeptRuns kept;
    auto reaped = reap(looked_into, scratch.path(), [&](const Leftover &leftover) {
        if (leftover.instance == instance || held.contains(leftover.instance))
            return !kept.contain(leftover);
        auto lock = Lock::try_take(leftover.instance, LockKind::exclusive);
        if (!lock)
            return false;
        held.emplace(leftover.instance, std::move(*lock));
        return !kept.contain(leftover);
    });
    std::ranges::copy(kept.faults(), std::back_inserter(reaped.stuck));
    return reaped;
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

namespace
{

void report_if_silent(const std::string &instance, const std::string &invocation_id)
{
    std::vector<Repository> repositories;
    try {
        repositories = load_job(SearchPath::standard(), instance).repositories;
    } catch (const ConfigError &) { // without their names, then
    }
    const auto end = silent_end(service_of(instance), repositories);
    if (!end)
        return;
    const auto why = end->outcome == Outcome::stopped  ? "stopped before it could begin"
                     : end->outcome == Outcome::killed ? end->why + " before it could begin"
                                                       : end->why;
    report_silent_end(instance, invocation_id, end->outcome, why);
}

void let_go_of_what_was_held(const std::string &instance)
try {
    end_left_holders(instance);
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
}

/// Of programs of LVM's that the run had to give up, since they waited in the kernel: by now they are gone, and may have left a volume suspended.
void reap_what_came_late(const std::string &instance)
try {
    const auto job = load_job(SearchPath::standard(), instance);
    if (job.snapshot != SnapshotMethod::lvm_thin || service_end_of_environment("").result == "success")
        return;
    enter_private_namespace();
    const Scratch scratch;
    for (const auto &what : reap_over(instance, job.sources, scratch).stuck)
        std::cerr << what << '\n';
} catch (const ConfigError &) { // then it has made nothing
}

} // namespace

void reap_killed(const std::string &instance, const std::string &invocation_id)
{
    const auto lock = Lock::try_take(instance, LockKind::exclusive);
    if (!lock)
        return; // a run by hand is under way: it is not what was killed
    const auto activity = read_activity({}, instance);
    if (!activity || activity->invocation_id != invocation_id) {
        report_if_silent(instance, invocation_id); // it has said how it ended, or could not even begin
        return reap_what_came_late(instance);
    }
    let_go_of_what_was_held(instance); // first: on a frozen file system nothing can be deleted
    enter_private_namespace();
    const Scratch scratch;
    const auto reaped = reap_over(instance, activity->sources, scratch);
    for (const auto &what : reaped.stuck)
        std::cerr << what << '\n';
    report_killed(*activity, instance);
}

std::vector<std::string> say_what_was_killed(const Job &job)
{
    const auto left = read_activity({}, job.instance);
    if (left)
        report_killed(*left, job.instance);
    return left ? left->sources : std::vector<std::string>{};
}

} // namespace igotchuu
