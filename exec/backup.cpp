// SPDX-License-Identifier: MIT
#include "exec/backup.hpp"

#include "exec/awaited.hpp"
#include "exec/before-snapshot.hpp"
#include "exec/credentials.hpp"
#include "exec/few-devices.hpp"
#include "exec/in-use.hpp"
#include "exec/inhibit.hpp"
#include "exec/invocation.hpp"
#include "exec/kept.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/reap.hpp"
#include "exec/report/report.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/run.hpp"
#include "exec/retention.hpp"
#include "exec/snapshot/choose.hpp"
#include "exec/sources.hpp"
#include "exec/view.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <system_error>
#include <utility>

namespace igotchuu
{

namespace
{

void tell(Report &report, const Snapshots &snapshots, Run &run)
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
    if (census.instants > 1)
        report.not_one_instant(census.instants, census.file_systems, run.window);
}

/// What has to work though the sources are frozen.
Keep what_goes_on(const Job &job, const restic::Installation &installation)
{
    Keep keep{.live = written_to(job, installation.cache_directory), .programs = installation.programs()};
    if (std::ranges::contains(job.sources, "/")) // restic runs in its view, where a /usr or /nix of its own is an empty directory
        keep.readable = keep.programs;
    for (const auto &repository : job.repositories)
        std::ranges::copy(restic::files_of(repository), std::back_inserter(keep.readable));
    return keep;
}

void tell(Report &report, const View &view, const Job &job)
{
    for (const auto &repository : job.repositories) {
        std::error_code unknown;
        const auto real = std::filesystem::weakly_canonical(repository.local_path(), unknown);
        if (!repository.embedded() && std::ranges::contains(view.not_frozen().directories, real.native()))
            report.repository_in_source(repository.name, repository.local_path());
    }
}

/// What is not in the backup though restic had nothing to say: each is named, and the run is then no success. A file system that is mounted below a
/// source is accepted by its path in `exclude`, or by one above it (containers' mounts have names that nobody can know), and where it holds what
/// is left out in any case.
std::vector<std::string> what_is_missing(const Present &present, const Snapshots &snapshots, const Job &job, const Keep &keep)
{
    const auto lies_below_any = [](const std::string &path, const std::vector<std::string> &directories) {
        return std::ranges::any_of(directories, [&](const auto &directory) { return lies_below(path, directory); });
    };
    const auto &census = snapshots.census();
    auto missing = present.missing;
    if (census.over_limit > 0)
        missing.push_back(std::format("{} nested subvolumes are beyond {}", census.over_limit, census.limit));
    if (census.left_out > 0)
        missing.push_back(std::format("{} below the sources could not be snapshotted", census.left_out));
    for (const auto &why : census.left_out_why)
        missing.push_back(printable(why));
    for (const auto &path : snapshots.other_file_systems())
        if (!lies_below_any(path, job.exclude) && !lies_below_any(path, keep.live))
            missing.push_back(
                std::format("another file system is mounted on {}: it is not in the backup (name that path in \"sources\", in "
                            "\"live\" to have it without a snapshot, or in \"exclude\" to accept it)",
                            printable(path)));
    return missing;
}

void add_to_message(Run &run, const std::string &sentence)
{
    run.message += (run.message.empty() ? "" : "; ") + sentence;
}

/// The secrets of the job's repositories, in their order; or why they are not there. Of the embedded one nothing yet: its key may have to be made.
struct Opened {
    std::optional<restic::Access> access;
    std::string why_not;
};
std::vector<Opened> open_repositories(const Job &job, const restic::Installation &installation, const StopRequest &stop)
{
    std::vector<Opened> all(job.repositories.size());
    for (auto &&[repository, opened] : std::views::zip(job.repositories, all)) {
        try {
            if (!repository.embedded())
                opened.access.emplace(repository, job.instance, installation, stop);
        } catch (const std::exception &error) {
            opened.why_not = error.what();
        }
    }
    return all;
}

/// How long a server that does not answer is tried for what is kept: the job's next run may be waiting.
constexpr std::chrono::nanoseconds look = std::chrono::seconds{20};

/// One that cannot even be tried (its password is not there) does not keep the others from being served.
RepositoryResult serve(const restic::BackupRequest &request, const std::string &why_not, const restic::Features &features,
                       const StopRequest &stop, const restic::Listener &listener, Run &run)
{
    if (!why_not.empty())
        return {.repository = request.repository.name, // its key may be on the same disk
                .outcome = restic::is_absent(request.repository) ? Outcome::pending : Outcome::failed,
                .message = why_not};
    try {
        return restic::backup(request, features, stop, listener, run.restic_starts);
    } catch (const std::exception &error) {
        return {.repository = request.repository.name, .outcome = Outcome::failed, .message = error.what()};
    }
}

/// `job` names the sources that are there; `left_out` is not in the backup, beside what is live and the snapshots themselves.
void serve_repositories(const Job &job, const std::vector<Opened> &opened, const Snapshots &snapshots, const View &view,
                        std::vector<std::string> left_out, const restic::Features &features, const StopRequest &stop,
                        Report &report, Run &run)
{
    std::ranges::copy(view.not_frozen().directories, std::back_inserter(left_out));
    std::ranges::copy(snapshots.census().own_pools, std::back_inserter(left_out));
    const auto instant = std::min(snapshots.census().instant, std::chrono::system_clock::now()); // live trees have none
    const auto patience =
        run.kept_run.empty() ? std::chrono::nanoseconds::max() : look; // a kept instant has time: the next look comes
    std::string scarce; // what ends the run before the disk is full
    const restic::Listener listener{[&](const Progress &progress) { report.progress(progress); },
                                    [&](const std::string &line) { report.complaint(line); },
                                    [&](pid_t process, int signal) { report.stands_still(process, signal); },
                                    [&] { return !scarce.empty() || !(scarce = snapshots.short_of_space()).empty(); }};
    for (const auto &[repository, open] : std::views::zip(job.repositories, opened)) {
        if (stop.asked()) {
            run.outcome = worse(run.outcome, Outcome::stopped);
            return;
        }
        report.repository(repository.name);
        if (repository.embedded())
            report.embedded_repository();
        const auto *const access = open.access ? &*open.access : nullptr;
        auto result = scarce.empty()
                          ? serve({job, repository, access, instant, left_out, view.not_frozen().contents, view.root(), patience},
                                  open.why_not, features, stop, listener, run)
                          : RepositoryResult{.repository = repository.name};
        if (!scarce.empty() && result.outcome == Outcome::stopped)
            result.outcome = Outcome::failed;
        if (!scarce.empty() && result.outcome == Outcome::failed)
            result.message = scarce;
        run.outcome = worse(run.outcome, result.outcome);
        if (!result.message.empty())
            add_to_message(run, std::format("{}: {}", printable(repository.name), result.message));
        run.repositories.push_back(std::move(result));
    }
}

/// Which sources have no file in them, as they were frozen; one that cannot be read is restic's to name.
void look_for_files(Run &run, const View &view)
{
    for (auto &place : run.sources)
        try {
            place.empty = !has_a_file(view.root() + place.source, view.not_frozen().directories);
        } catch (const std::filesystem::filesystem_error &) {
            place.empty = false;
        }
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
    return forget_old(job, starter, access, result, run.sources, record.history);
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
    for (auto &&[repository, open, result] : std::views::zip(job.repositories, opened, run.repositories)) {
        if (result.outcome != Outcome::success || !repository.maintained) // where nothing may be removed
            continue;
        report.repository(repository.name);
        const auto &retention = result.retention.emplace(forget_old_in(repository, open, job, starter, result, run));
        report.retention(repository.name, retention);
        if (retention.hold != Hold::failed)
            continue;
        result.outcome = Outcome::partial;
        result.message = "backed up; old snapshots could not be removed: " + retention.why;
        run.outcome = worse(run.outcome, result.outcome);
        add_to_message(run, std::format("{}: {}", printable(repository.name), result.message));
    }
} catch (const Cancelled &) {
    report.detail("stopped before all old snapshots were removed");
}

/// What happens while the sources are seen as they were: nobody but restic works, and it reaches neither a service of the system nor a disk.
void back_up_frozen(const Job &job, const std::vector<Opened> &opened, const Present &present, Snapshots &snapshots,
                    const Keep &keep, const Scratch &scratch, const restic::Features &features, const StopRequest &stop,
                    Report &report, Run &run)
{
    const auto by_other_names = other_names(present.sources, keep.live);
    const OutOfReach services;
    const FewDevices devices;
    View view{snapshots.trees(), keep, scratch};
    snapshots.hide(); // their mounts may be writable
    tell(report, view, job);
    if (!job.keep.empty())
        look_for_files(run, view);

    report.phase(Phase::restic);
    auto there = job;
    there.sources = present.sources;
    serve_repositories(there, opened, snapshots, view, by_other_names, features, stop, report, run);
    view.verify();

    report.phase(Phase::release);
    view.unmount();
}

/// The repositories that this run has got to.
std::vector<std::string> reached(const Run &run)
{
    std::vector<std::string> names;
    for (const auto &result : run.repositories)
        if (result.outcome == Outcome::success || result.outcome == Outcome::partial)
            names.push_back(result.repository);
    return names;
}

/// Throws NotNow for what the job waits for, without a lock held between the tries, until it has waited for long enough.
void wait_for_what_it_needs(const Job &job, const std::optional<Clock::time_point> &since, Report &report)
{
    const auto awaited = what_is_awaited(job.wait);
    if (awaited.empty())
        return;
    if (job.wait.latest == std::chrono::hours{0} || !since || Clock::now() - *since < job.wait.latest)
        throw NotNow{awaited};
    const auto waited =
        std::format("{}, for over {}: it has waited for long enough (the key wait.latest-hours)", awaited, job.wait.latest);
    if (!job.wait.then_run)
        throw Failure{waited};
    report.waits_no_longer(waited);
}

/// The story. Its objects come apart in reverse, whatever ends it; on the good way they are released by name, and those calls throw.
/// `reaped`: where left-overs are looked for.
void tell_story(const Job &job, const std::vector<std::string> &reaped, const StopRequest &stop, Report &report, Run &run)
{
    const auto record = read_record({}, job.instance).value_or(Record{});
    wait_for_what_it_needs(job, record.waits_since, report);
    report.phase(Phase::lock);
    const auto in_use = lock_repositories(job);
    const Inhibitor awake{"backing up " + job.instance};
    if (!awake.held())
        report.detail(awake.why_not());
    run_before_snapshot(job, stop); // it may mount a source
    const auto present = look_at_sources(job.sources, stop);
    run.sources = places_of(present.sources);
    refuse_mount_points(run.sources, record);
    auto installation = restic::Installation::standard();
    const auto keep = what_goes_on(job, installation);
    refuse_written_sources(job, keep.live);
    const auto features = restic::features(stop, installation);
    const Scratch scratch;
    installation.credentials_directory = gather_credentials({job.instance, job.repositories, job.service}, scratch, stop);
    const auto opened = open_repositories(job, installation, stop);

    report.phase(Phase::reap);
    reap_leftovers(job.instance, reaped, scratch, report);
    for (const auto &orphan : kept_without_job())
        report.without_job(orphan.instance, orphan.kept);

    stop.check();
    report.phase(Phase::snapshot);
    const auto mark = run_name(job.instance, run.invocation_id);
    Snapshots snapshots{{present.sources, mark, scratch.path(), job, stop}};
    tell(report, snapshots, run);
    const auto missing = what_is_missing(present, snapshots, job, keep);
    run.outcome = missing.empty() ? Outcome::success : Outcome::partial;

    stop.check();
    report.phase(Phase::mount);
    back_up_frozen(job, opened, present, snapshots, keep, scratch, features, stop, report, run);
    if (!keep_for_those_without(job, snapshots, missing, report, run))
        snapshots.remove();
    give_up(job, over_limits(job, reached(run), scratch), scratch, report, run);
    for (const auto &sentence : missing)
        add_to_message(run, sentence);

    if (!job.keep.empty() && missing.empty()) { // one that misses something is no reason to forget one that may have it
        report.phase(Phase::forget);
        forget_old_snapshots(job, opened, installation, features, stop, report, run);
    }
}

/// The job as it is for a kept instant: its sources then, and of its repositories those that want it and are there, as far as that can be seen. `absent`: what
/// was found to be so this very moment.
Job for_kept(const Job &job, const KeptInstant &kept, std::span<const std::string> absent)
{
    auto there = job;
    std::erase_if(there.repositories, [&](const Repository &repository) {
        return !std::ranges::contains(kept.repositories, repository.name, &Wanting::repository) ||
               std::ranges::contains(absent, repository.name) || restic::is_absent(repository);
    });
    there.sources.clear();
    for (const auto &place : kept.sources)
        there.sources.push_back(place.source);
    return there;
}

/// The same story of what another run has frozen. `job` as of for_kept().
void tell_kept_story(const Job &job, const KeptInstant &kept, const StopRequest &stop, Report &report, Run &run)
try {
    report.phase(Phase::lock);
    const auto in_use = lock_repositories(job);
    const Inhibitor awake{"backing up " + job.instance};
    if (!awake.held())
        report.detail(awake.why_not());
    const auto present = look_at_sources(job.sources, stop);
    if (!present.missing.empty())
        throw Failure{std::format("{}: what it held cannot be shown in its place", present.missing.front())};
    auto installation = restic::Installation::standard();
    const auto keep = what_goes_on(job, installation);
    const auto features = restic::features(stop, installation);
    const Scratch scratch;
    installation.credentials_directory = gather_credentials({job.instance, job.repositories, job.service}, scratch, stop);
    const auto opened = open_repositories(job, installation, stop);

    stop.check();
    report.phase(Phase::mount);
    Snapshots snapshots{kept, run_name(job.instance, kept.run), scratch.path()};
    run.outcome = kept.missing.empty() ? Outcome::success : Outcome::partial;
    back_up_frozen(job, opened, present, snapshots, keep, scratch, features, stop, report, run);
    settle(job, kept, snapshots, report, run);
    for (const auto &sentence : kept.missing)
        add_to_message(run, sentence);
} catch (const SnapshotGone &gone) {
    const Scratch scratch;
    give_up(job, {{.instant = kept, .why = gone.what()}}, scratch, report, run);
}

/// Tells a story to its end, whatever that is.
Run to_the_end(Report &report, Run run, const std::function<void(Run &)> &story)
{
    try {
        story(run);
    } catch (const Cancelled &) {
        run.outcome = Outcome::stopped;
    } catch (const NotNow &reason) {
        run.outcome = Outcome::not_now;
        add_to_message(run, reason.what());
    } catch (const std::exception &error) {
        run.outcome = Outcome::failed;
        add_to_message(run, error.what());
    }
    report.finish(run);
    return run;
}

/// What the limits no longer allow; it has a run of its own in the record, since somebody has to do without.
Outcome keep_limits(const Job &job, const std::string &invocation_id)
{
    const Scratch scratch;
    const auto all = over_limits(job, {}, scratch);
    if (all.empty())
        return Outcome::success;
    Report report{job, invocation_id, {}, all.front().instant.instant};
    return to_the_end(report, {.invocation_id = invocation_id, .outcome = Outcome::pending},
                      [&](Run &run) { give_up(job, all, scratch, report, run); })
        .outcome;
}

/// Oldest first, each a run of its own in the record. The job's lock is held.
Outcome send_each(const Job &job, std::string invocation_id, std::span<const std::string> absent, const StopRequest &stop)
{
    auto outcome = Outcome::success;
    for (const auto &kept : read_kept({}, job.instance).instants) {
        const auto there = for_kept(job, kept, absent);
        if (there.repositories.empty() || stop.asked())
            continue;
        Report report{there, invocation_id, {}, kept.instant};
        Run begun{.invocation_id = std::exchange(invocation_id, new_id()),
                  .kept_run = kept.run,
                  .instant = kept.instant,
                  .sources = kept.sources};
        const auto run =
            to_the_end(report, std::move(begun), [&](Run &story) { tell_kept_story(there, kept, stop, report, story); });
        outcome = worse(outcome, run.outcome);
    }
    return outcome;
}

/// What a run sends of what is kept: before its own story only where a first upload is among it, which a newer instant would begin anew, and nothing that the
/// job waits for is missing. A list that cannot be read costs no backup: what is on it is the next run's.
enum class Beside { before, after };
Outcome send_beside(const Job &job, std::span<const std::string> absent, const StopRequest &stop, Beside when)
try {
    const bool now = when == Beside::after || (has_cut_first_upload(job) && what_is_awaited(job.wait).empty());
    return now ? send_each(job, new_id(), absent, stop) : Outcome::success;
} catch (const std::exception &error) {
    std::cerr << "igotchuu: what is kept cannot be sent: " << error.what() << '\n';
    return Outcome::success;
}

/// It was killed by hand, and nobody has said so yet. Returns where else it may have left something: the job may have other sources by now.
std::vector<std::string> say_what_was_killed(const Job &job)
{
    const auto left = read_activity({}, job.instance);
    if (left)
        report_killed(*left, job.instance);
    return left ? left->sources : std::vector<std::string>{};
}

} // namespace

ExitStatus back_up(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    enter_private_namespace();
    const auto running = lock_job(job);
    auto reaped = job.sources;
    std::ranges::copy(say_what_was_killed(job), std::back_inserter(reaped));
    const auto sent_before = send_beside(job, {}, stop, Beside::before);
    Run run;
    {
        Report report{job, invocation_id};
        run =
            to_the_end(report, {.invocation_id = invocation_id}, [&](Run &story) { tell_story(job, reaped, stop, report, story); });
    }
    const auto status = exit_status(run);
    if (run.repositories.empty()) // it did not come to them
        return status;
    std::vector<std::string> absent;
    for (const auto &result : run.repositories)
        if (result.outcome != Outcome::success && result.outcome != Outcome::partial)
            absent.push_back(result.repository);
    const auto sent = worse(sent_before, send_beside(job, absent, stop, Beside::after));
    return status != ExitStatus::success || sent == Outcome::pending ? status : exit_status(sent);
}

ExitStatus send_kept(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    enter_private_namespace();
    const auto running = lock_job(job);
    say_what_was_killed(job);
    auto outcome = Outcome::success;
    if (const auto awaited = what_is_awaited(job.wait); awaited.empty())
        outcome = send_each(job, invocation_id, {}, stop);
    else
        std::cerr << std::format("igotchuu: nothing is sent as yet: {}\n", awaited);
    if (!stop.asked())
        outcome = worse(outcome, keep_limits(job, new_id()));
    return outcome == Outcome::pending ? ExitStatus::success
                                       : exit_status(outcome); // what is out of reach is tried again in a while
}

} // namespace igotchuu
