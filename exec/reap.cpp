// SPDX-License-Identifier: MIT
#include "exec/reap.hpp"

#include "exec/lock.hpp"
#include "exec/snapshot/choose.hpp"
#include "job/error.hpp"
#include "job/state.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cstdlib>
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
    std::map<std::string, Lock> held; // of a job that has left several things, or by several methods, the lock is ours already
    KeptRuns kept;
    auto reaped = reap(sources, scratch.path(), [&](const Leftover &leftover) {
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

/// systemd.exec(5), $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS: what systemd tells ExecStopPost= of the main process. What ended with a status of ours has had its
/// say; from 200 on they are systemd's own.
void report_if_silent(const std::string &instance, const std::string &invocation_id)
{
    const auto told = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string{value == nullptr ? "" : value};
    };
    const std::string result = told("SERVICE_RESULT"), code = told("EXIT_CODE"), status = told("EXIT_STATUS");
    const std::string reason = std::format("systemctl status '{}' has the reason", service_of(instance));
    if (code == "killed" && (status == "TERM" || status == "INT")) // it did not listen yet
        report_silent_end(instance, invocation_id, Outcome::stopped, "stopped before it could begin");
    else if (code == "killed" || code == "dumped")
        report_silent_end(instance, invocation_id, Outcome::killed, std::format("by SIG{} before it could begin", status));
    else if (code == "exited" && status == "243")
        report_silent_end(instance, invocation_id, Outcome::failed, "a credential that its unit names cannot be read; " + reason);
    else if (result == "resources" || (code == "exited" && status.size() == 3 && status >= "200"))
        report_silent_end(
            instance, invocation_id, Outcome::failed,
            std::format("systemd could not start it ({}); {}", status.empty() ? result : "exit status " + status, reason));
}

} // namespace

void reap_killed(const std::string &instance, const std::string &invocation_id)
{
    const auto lock = Lock::try_take(instance, LockKind::exclusive);
    if (!lock)
        return; // a run by hand is under way: it is not what was killed
    const auto activity = read_activity({}, instance);
    if (!activity || activity->invocation_id != invocation_id)
        return report_if_silent(instance, invocation_id); // it has said how it ended, or could not even begin
    enter_private_namespace();
    const Scratch scratch;
    const auto reaped = reap_over(instance, activity->sources, scratch);
    for (const auto &what : reaped.stuck)
        std::cerr << what << '\n';
    report_killed(*activity, instance);
}

} // namespace igotchuu
