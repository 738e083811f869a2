// SPDX-License-Identifier: MIT
#include "exec/maintenance.hpp"

#include "exec/credentials.hpp"
#include "exec/inhibit.hpp"
#include "exec/lock.hpp"
#include "exec/report/maintenance-report.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/keys.hpp"
#include "exec/restic/maintain.hpp"
#include "exec/restic/run.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/unlock.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/rotation.hpp"
#include "exec/silent-end.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <optional>
#include <span>
#include <utility>

namespace igotchuu
{

namespace
{

/// Adds to `total` how long this object lives.
class Stopwatch
{
public:
    explicit Stopwatch(std::chrono::microseconds &total) : total_{total} {}
    ~Stopwatch() { total_ += std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_); }
    Stopwatch(const Stopwatch &) = delete;
    Stopwatch &operator=(const Stopwatch &) = delete;

private:
    std::chrono::microseconds &total_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// What is done to one repository, with everything that this needs.
struct Work {
    const restic::Starter &starter;
    const restic::Access &access;
    MaintenanceReport &report;
    RepositoryRecord &record;
    MaintenanceRun &run;
};

void add_to_message(MaintenanceRun &run, const std::string &sentence)
{
    run.message += (run.message.empty() ? "" : "; ") + sentence;
}

void remove_stale_locks(const Work &work)
{
    work.report.step("looking for stale locks");
    const auto unlocked = restic::unlock(work.starter, work.access);
    work.run.unlocked = unlocked.asked;
    if (unlocked.asked)
        work.report.unlocked(unlocked.locks);
}

/// Another machine may have put its own in the place of the one that is known, or the file may name another repository now. What cannot be looked at changes nothing.
void look_for_recovery_key(const Work &work)
try {
    auto &known = work.record.recovery_key;
    if (!known)
        return;
    work.report.step("looking for the recovery key");
    const auto keys = restic::keys(work.starter, work.access);
    if (std::ranges::contains(keys, known->id, &restic::Key::id))
        return;
    const auto others = restic::recovery_keys(keys);
    const auto name = printable(work.access.repository().name);
    work.report.recovery_key_gone(std::format(
        "the recovery key of the repository {} that was made {} does not open it any more, and {} {}", name, time_text(known->made),
        others.empty() ? "there is no other: igotchuu repository init" : "another one is there: igotchuu repository confirm",
        name));
    known = others.empty() ? std::nullopt : std::optional{RecoveryKey{.id = others.back().id, .made = Clock::now()}};
} catch (const std::exception &error) {
    work.report.detail(std::format("cannot see whether the recovery key is still there: {}", error.what()));
}

/// One that fails does not keep the check from being made: that may know why.
void prune(const Work &work)
try {
    work.report.step("removing what no snapshot needs");
    const Stopwatch time{work.run.prune};
    work.run.bytes_freed = restic::prune(work.starter, work.access, [&](std::string_view words) { work.report.progress(words); });
} catch (const restic::Locked &) {
    throw;
} catch (const std::exception &error) {
    if (work.starter.stop.asked())
        throw;
    work.run.outcome = Outcome::failed;
    add_to_message(work.run, error.what());
}

/// False: the repository is damaged.
bool check(const Work &work)
{
    const auto part = work.record.next_part, parts = static_cast<std::uint32_t>(work.record.parts_read.size());
    work.report.step(std::format("checking it, and reading part {} of {}", part, parts));
    const Stopwatch time{work.run.check};
    const auto hear = [&](std::string_view words) { work.report.progress(words); };
    const bool is_sound = restic::check(work.starter, work.access, part, parts, hear);
    checked(work.record, is_sound, Clock::now());
    if (is_sound) {
        work.run.part = part;
        work.run.parts = parts;
        return true;
    }
    const auto sentence =
        std::format("the repository is damaged: restic check found faults, in its structure or in part {} of {} of its "
                    "data (the entries before this one name them; what to do: journalctl -x). Nothing is pruned until "
                    "they are gone",
                    part, parts);
    work.report.damaged(sentence);
    work.run.outcome = Outcome::failed;
    add_to_message(work.run, sentence);
    return false;
}

Lock have_alone(const Repository &repository)
{
    return Lock::take(lock_of(repository), LockKind::exclusive,
                      std::format("a backup uses the repository {}, or another maintenance of it", printable(repository.name)));
}

RepositoryRecord recorded(const std::string &instance)
{
    return read_repository_record({}, instance).value_or(RepositoryRecord{});
}

/// For how long a maintenance is put off: then somebody has to know that there is none.
constexpr std::chrono::days patience{30};

/// One that is in a drawer is waited for. Of one that never was there restic says what is wrong.
void wait_for_disk(const Repository &repository)
{
    if (restic::is_absent(repository) && restic::was_there(repository))
        throw NotNow{restic::explain_absence(repository)};
}

void fail_if_put_off_for_too_long(MaintenanceRun &run, const RepositoryRecord &record)
{
    const auto since = waits_since(record);
    if (run.outcome != Outcome::not_now || !since || Clock::now() - *since < patience)
        return;
    run.outcome = Outcome::failed;
    add_to_message(run, std::format("it has waited since {}, longer than {} days", time_text(*since), patience.count()));
}

/// The story. What is damaged is not to be made less: then the check comes first.
void tell_story(const Repository &repository, const std::string &instance, const StopRequest &stop, MaintenanceReport &report,
                RepositoryRecord &record, MaintenanceRun &run)
{
    const Inhibitor awake{"maintaining the repository " + instance};
    if (!awake.held())
        report.detail(awake.why_not());
    const auto program = "maintenance:" + instance; // a backup may ask for the password at the same time
    const Credentials credentials{{program, std::span{&repository, 1}}, stop};
    auto installation = restic::Installation::standard();
    installation.credentials_directory = credentials.directory();
    const auto features = restic::features(stop, installation);
    const restic::Access access{repository, program, installation, stop};
    const restic::Listener listener{[](const Progress &) {}, [&](const std::string &line) { report.complaint(line); },
                                    [&](pid_t process, int signal) { report.stands_still(process, signal); }};
    const restic::Starter starter{installation, features, stop, listener, run.restic_starts};
    const Work work{starter, access, report, record, run};

    if (record.recovery_key && !record.recovery_key->confirmed)
        report.recovery_key_unconfirmed();
    run.outcome = Outcome::success;
    divide(record, repository.maintenance.check_parts);
    remove_stale_locks(work);
    look_for_recovery_key(work);
    if (!record.damaged) {
        prune(work);
        check(work);
    } else if (check(work)) {
        prune(work);
    }
}

} // namespace

Outcome maintain(const Repository &repository, const std::string &instance, const std::string &invocation_id,
                 const StopRequest &stop)
{
    MaintenanceReport report{repository, instance, invocation_id};
    std::optional<Lock> alone; // until the record is written: what others have written meanwhile would be lost
    std::optional<RepositoryRecord> record;
    MaintenanceRun run{.invocation_id = invocation_id};
    const auto ends = [&](Outcome outcome, const std::string &why) {
        run.outcome = outcome;
        add_to_message(run, why);
    };
    try {
        wait_for_disk(repository);
        alone = have_alone(repository);
        record = recorded(instance);
        tell_story(repository, instance, stop, report, *record, run);
    } catch (const Cancelled &) {
        run.outcome = Outcome::stopped;
    } catch (const NotNow &reason) {
        ends(Outcome::not_now, reason.what());
    } catch (const restic::Locked &reason) {
        ends(Outcome::not_now, reason.what());
    } catch (const restic::Unreached &reason) {
        ends(restic::was_there(repository) ? Outcome::not_now : Outcome::failed, reason.what());
    } catch (const std::exception &error) {
        ends(stop.asked() ? Outcome::stopped : Outcome::failed, error.what()); // restic had to be killed: the message says so
    }
    if (!record)
        record = recorded(instance);
    fail_if_put_off_for_too_long(run, *record);
    const auto outcome = run.outcome;
    report.finish(*std::move(record), std::move(run));
    return outcome;
}

void report_if_killed(const std::string &instance, const std::string &invocation_id)
{
    std::vector<Repository> repository;
    try {
        repository.push_back(load_repository(SearchPath::standard(), instance));
    } catch (const ConfigError &) { // without its names, then
    }
    if (const auto end = silent_end(maintenance_service_of(instance), repository))
        report_silent_maintenance(instance, invocation_id, end->outcome, end->why);
}

} // namespace igotchuu
