// SPDX-License-Identifier: MIT
#include "exec/backup.hpp"

#include "exec/awaited.hpp"
#include "exec/before-snapshot.hpp"
#include "exec/credentials.hpp"
#include "exec/excluded.hpp"
#include "exec/few-devices.hpp"
#include "exec/holders.hpp"
#include "exec/in-use.hpp"
#include "exec/inhibit.hpp"
#include "exec/invocation.hpp"
#include "exec/kept.hpp"
#include "exec/look-after.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/reap.hpp"
#include "exec/report/report.hpp"
#include "exec/restic/access.hpp"
#include "exec/retention.hpp"
#include "exec/send.hpp"
#include "exec/serve.hpp"
#include "exec/snapshot/choose.hpp"
#include "exec/sources.hpp"
#include "exec/unchanged.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/kept-without-job.hpp"
#include "job/lies-below.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <utility>

namespace igotchuu
{

namespace
{

void tell(Report &report, const Job &job, const Snapshots &snapshots, Run &run)
{
    for (const auto &choice : snapshots.choices()) {
        report.frozen(choice.source, choice.method, choice.why);
        std::ranges::find(run.sources, choice.source, &SourcePlace::source)->method = choice.method;
    }
    const auto &census = snapshots.census();
    if (census.instants > 0)
        run.instant = census.instant;
    run.snapshots = census.snapshots;
    run.read_only_left_out = census.read_only_left_out;
    run.instants = census.instants;
    if (census.snapshots > 0)
        run.window = std::chrono::duration_cast<std::chrono::microseconds>(census.ended - census.started);
    if (census.read_only_left_out > 0)
        report.read_only_left_out(census.read_only_left_out);
    if (!snapshots.in_memory().empty())
        report.in_memory_left_out(snapshots.in_memory());
    if (!snapshots.live().empty())
        report.live(snapshots.live());
    if (census.over_limit > 0)
        report.over_limit(census.over_limit, census.limit);
    if (!job.hold.empty())
        report.held(job.hold.size(), run.hold_window);
    if (census.instants > 1)
        report.not_one_instant(census.instants, census.file_systems, run.window);
}

/// What is not in the backup though restic had nothing to say: each is named, and the run is then no success. A file system that is mounted below a
/// source is accepted by its path in `exclude`, or by one above it (containers' mounts have names that nobody can know), and where it holds what
/// is left out in any case.
std::vector<std::string> what_is_missing(const Present &present, const Snapshots &snapshots, const Job &job, const Keep &keep)
{
    const auto &census = snapshots.census();
    auto missing = present.missing;
    if (census.over_limit > 0)
        missing.push_back(std::format("{} nested subvolumes are beyond {}", census.over_limit, census.limit));
    if (census.left_out > 0)
        missing.push_back(std::format("{} below the sources could not be snapshotted", census.left_out));
    for (const auto &why : census.left_out_why)
        missing.push_back(printable(why));
    for (const auto &path : snapshots.other_file_systems())
        if (!is_excluded(job, path) && !lies_below_any(path, keep.live))
            missing.push_back(
                std::format("another file system is mounted on {}: it is not in the backup (name that path in \"sources\", in "
                            "\"live\" to have it without a snapshot, or in \"exclude\" to accept it)",
                            printable(path)));
    for (const auto &path : snapshots.not_mounted())
        if (!is_excluded(job, path))
            missing.push_back(
                std::format("nothing is mounted on {}, which \"live\" names (mount it, take it out of \"live\", or name it in "
                            "\"exclude\" to accept that)",
                            printable(path)));
    return missing;
}

/// Whatever goes wrong, the backup is there.
Retention forget_old_in(const Repository &repository, const Opened &opened, const Job &job, const restic::Starter &starter,
                        const RepositoryResult &result, const Run &run)
try {
    const OutOfReach services;
    const FewDevices devices;
    std::optional<restic::Access> embedded;
    const auto &access =
        opened.access ? *opened.access : embedded.emplace(repository, job.instance, starter.installation, starter.stop);
    const auto record = read_record({}, job.instance).value_or(Record{});
    return forget_old(job, starter, access, result, run.sources, record);
} catch (const std::exception &error) {
    return {.hold = Hold::failed, .why = printable(error.what())};
}

/// What the job keeps no longer goes, in each repository that has a good backup of this run. What fails here makes the run partial; a stop leaves the
/// run what it came to, and the rest to the next one.
void forget_old_snapshots(const Job &job, const std::vector<Opened> &opened, const restic::Installation &installation,
                          const restic::Features &features, const StopRequest &stop, Report &report, Run &run)
try {
    const restic::Listener listener{[](const Progress &) {}, [&](const std::string &line) { report.complaint(line); },
                                    [&](pid_t process, int signal) { report.stands_still(process, signal); }};
    const restic::Starter starter{installation, features, stop, listener, run.restic_starts};
    for (auto &&[repository, open] : std::views::zip(job.repositories, opened)) {
        const auto result = std::ranges::find(run.repositories, repository.name, &RepositoryResult::repository);
        if (result == run.repositories.end() || result->outcome != Outcome::success ||
            !repository.maintained) // where nothing may be removed
            continue;
        report.repository(repository.name);
        const auto &retention = result->retention.emplace(forget_old_in(repository, open, job, starter, *result, run));
        report.retention(repository.name, retention);
        if (retention.hold != Hold::failed)
            continue;
        result->outcome = Outcome::partial;
        result->message = "backed up; old snapshots could not be removed: " + retention.why;
        run.outcome = worse(run.outcome, result->outcome);
        run.add_to_message(std::format("{}: {}", printable(repository.name), result->message));
    }
} catch (const Cancelled &) {
    report.detail("stopped before all old snapshots were removed");
}

/// The repositories that this run has got to.
std::vector<std::string> reached(const Run &run)
{
    std::vector<std::string> names;
    for (const auto &result : run.repositories)
        if (has_snapshot(result.outcome))
            names.push_back(result.repository);
    return names;
}

bool has_waited_long_enough(const Wait &wait, const std::optional<Clock::time_point> &since)
{
    return wait.latest != std::chrono::hours{0} && since && Clock::now() - *since >= wait.latest;
}

std::string too_long(std::string_view awaited, const Wait &wait)
{
    return std::format("{}, for over {}: it has waited for long enough (the key wait.latest-hours)", awaited, wait.latest);
}

/// Throws NotNow for what the job waits for, without a lock held between the tries, until it has waited for long enough.
void wait_for_what_it_needs(const Job &job, const std::optional<Clock::time_point> &since, Report &report)
{
    const auto awaited = what_is_awaited(job.wait);
    if (awaited.empty())
        return;
    if (!has_waited_long_enough(job.wait, since))
        throw NotNow{awaited};
    const auto waited = too_long(awaited, job.wait);
    if (!job.wait.then_run)
        throw Failure{waited};
    report.waits_no_longer(waited);
}

/// The same of a maintenance of a repository; without that lock nothing can be done.
std::vector<Lock> wait_for_repositories(const Job &job, const std::optional<Clock::time_point> &since)
try {
    return lock_repositories(job);
} catch (const NotNow &reason) {
    if (!has_waited_long_enough(job.wait, since))
        throw;
    throw Failure{too_long(reason.what(), job.wait)};
}

enum class Places { as_before, moved }; ///< of the sources

/// The story. Its objects come apart in reverse, whatever ends it; on the good way they are released by name, and those calls throw.
/// `reaped`: where left-overs are looked for.
void tell_story(const Job &job, Places places, const std::vector<std::string> &reaped, const StopRequest &stop, Report &report,
                Run &run)
{
    const auto record = read_record({}, job.instance).value_or(Record{});
    wait_for_what_it_needs(job, record.waits_since, report);
    report.phase(Phase::lock);
    const auto in_use = wait_for_repositories(job, record.waits_since);
    const Inhibitor awake{"backing up " + job.instance};
    if (!awake.held())
        report.detail(awake.why_not());
    run_before_snapshot(job, stop); // it may mount a source
    const auto present = look_at_sources(job.sources, stop);
    run.sources = places_of(present.sources);
    if (places == Places::as_before)
        refuse_mount_points(run.sources, record);
    auto installation = restic::Installation::standard();
    const auto keep = what_goes_on(job, installation);
    refuse_written_sources(job, keep.live);
    const auto features = restic::features(stop, installation);
    const Scratch scratch;

    report.phase(Phase::reap);
    reap_leftovers(job.instance, reaped, scratch, report);
    for (const auto &orphan : kept_without_job())
        report.without_job(orphan.instance, orphan.kept);

    stop.check();
    report.phase(Phase::snapshot);
    const auto mark = run_name(job.instance, run.invocation_id);
    Holders holders{job, run.invocation_id, stop};
    Snapshots snapshots{{present.sources, mark, scratch.path(), job, stop, what_is_excluded(job, keep)}};
    run.hold_window = holders.let_go();
    tell(report, job, snapshots, run);
    const auto missing = what_is_missing(present, snapshots, job, keep);
    run.outcome = missing.empty() ? Outcome::success : Outcome::partial;
    run.whole = false; // until it was seen to be

    const auto basis = missing.empty() ? basis_of(job, snapshots, features) : std::string{};
    run.repositories = up_to_date(job, record, basis);
    const auto due = without(job, run.repositories);
    if (due.repositories.empty()) {
        run.whole = true;
        report.phase(Phase::release);
        snapshots.remove();
        run.basis = basis;
        return;
    }
    installation.credentials_directory = gather_credentials({due.instance, due.repositories, due.service}, scratch, stop);
    const auto opened = open_repositories(due, installation, stop);
    stop.check();
    report.phase(Phase::mount);
    back_up_frozen(due, opened, present, snapshots, keep, scratch, features, stop, report, run);
    run.whole = missing.empty();
    if (!keep_for_those_without(job, snapshots, missing, report, run))
        snapshots.remove();
    run.basis = basis;
    give_up(job, over_limits(job, reached(run), scratch), scratch, report, run);
    for (const auto &sentence : missing)
        run.add_to_message(sentence);

    if (!job.keep.empty() && missing.empty()) { // one that misses something is no reason to forget one that may have it
        report.phase(Phase::forget);
        forget_old_snapshots(due, opened, installation, features, stop, report, run);
    }
}

/// What a run sends of what is kept: before its own story only where a first upload is among it, which a newer instant would begin anew, and nothing that the
/// job waits for is missing. A list that cannot be read costs no backup: what is on it is the next run's.
enum class Beside { before, after };
Outcome send_beside(const Job &job, std::span<const std::string> absent, const StopRequest &stop, Beside when)
try {
    const bool now = when == Beside::after || (has_cut_first_upload(job) && what_is_awaited(job.wait).empty());
    return now ? send_each(job, new_id(), absent, stop, Sends::due) : Outcome::success;
} catch (const std::exception &error) {
    std::cerr << "igotchuu: what is kept cannot be sent: " << error.what() << '\n';
    return Outcome::success;
}

ExitStatus back_up(const Job &job, Places places, const std::string &invocation_id, const StopRequest &stop)
{
    enter_private_namespace();
    const auto running = lock_job(job);
    auto reaped = job.sources;
    std::ranges::copy(say_what_was_killed(job), std::back_inserter(reaped));
    const auto sent_before = send_beside(job, {}, stop, Beside::before);
    Run run;
    {
        Report report{job, invocation_id};
        run = to_the_end(report, {.invocation_id = invocation_id},
                         [&](Run &story) { tell_story(job, places, reaped, stop, report, story); });
    }
    const auto status = exit_status(run);
    if (run.repositories.empty()) // it did not come to them
        return status;
    look_after(job, run);
    std::vector<std::string> absent;
    for (const auto &result : run.repositories)
        if (!has_snapshot(result.outcome))
            absent.push_back(result.repository);
    const auto sent = worse(sent_before, send_beside(job, absent, stop, Beside::after));
    return status != ExitStatus::success || sent == Outcome::pending ? status : exit_status(sent);
}

} // namespace

ExitStatus back_up(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    return back_up(job, Places::as_before, invocation_id, stop);
}

ExitStatus back_up_moved(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    return back_up(job, Places::moved, invocation_id, stop);
}

} // namespace igotchuu
