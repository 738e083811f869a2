// SPDX-License-Identifier: MIT
#include "exec/backup.hpp"

#include "exec/inhibit.hpp"
#include "exec/lock.hpp"
#include "exec/reap.hpp"
#include "exec/report/report.hpp"
#include "exec/restic/run.hpp"
#include "exec/snapshot/btrfs.hpp"
#include "exec/sources.hpp"
#include "exec/view.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <format>

namespace igotchuu
{

namespace
{

Lock take_lock(const std::string &name, LockKind kind, const std::string &otherwise)
{
    auto lock = Lock::try_take(name, kind);
    if (!lock)
        throw NotNow{otherwise};
    return std::move(*lock);
}

std::vector<Lock> lock_repositories(const Job &job)
{
    std::vector<Lock> locks;
    for (const auto &repository : job.repositories)
        locks.push_back(take_lock("repository-" + repository.name, LockKind::shared,
                                  std::format("the repository {} is being maintained", printable(repository.name))));
    return locks;
}

void tell(Report &report, const btrfs::Census &census, const Job &job, Run &run)
{
    run.subvolumes = census.subvolumes;
    run.read_only_left_out = census.read_only_left_out;
    run.transactions = census.transactions;
    if (census.read_only_left_out > 0)
        report.read_only_left_out(census.read_only_left_out);
    if (census.over_limit > 0)
        report.over_limit(census.over_limit, job.nested_max);
    if (census.transactions > 1)
        report.not_one_instant(census.transactions, census.window);
}

std::vector<Show> shown(const std::vector<btrfs::Tree> &trees)
{
    std::vector<Show> shows;
    for (const auto &tree : trees)
        shows.push_back({tree.source, tree.below, tree.root});
    return shows;
}

/// What keeps a run from being a whole success though restic had nothing to say.
void note_what_is_missing(const std::vector<std::string> &missing, Run &run)
{
    for (const auto &sentence : missing)
        run.message += (run.message.empty() ? "" : "; ") + sentence;
    if (!missing.empty())
        run.outcome = worse(run.outcome, Outcome::partial);
}

void serve_repositories(const restic::BackupRequest &request, const restic::Features &features, const StopRequest &stop, Report &report, Run &run)
{
    const restic::Listener listener{[&](const Progress &progress) { report.progress(progress); },
                                    [&](const std::string &line) { report.complaint(line); }};
    for (const auto &repository : request.job.repositories) {
        stop.check();
        report.repository(repository.name);
        auto result = restic::backup({request.job, repository, request.instant, request.leave_out}, features, stop, listener, run.restic_starts);
        run.outcome = worse(run.outcome, result.outcome);
        if (!result.message.empty())
            run.message += std::format("{}{}: {}", run.message.empty() ? "" : "; ", printable(repository.name), result.message);
        run.repositories.push_back(std::move(result));
    }
}

/// The story. Its objects come apart in reverse, whatever ends it; on the good way they are released by name, and those calls throw.
void tell_story(const Job &job, const StopRequest &stop, Report &report, Run &run)
{
    const Inhibitor awake{"backing up " + job.instance};
    const auto present = look_at_sources(job.sources);
    refuse_repository_below_source(job);
    const auto features = restic::features();

    report.phase(Phase::reap);
    const Scratch scratch;
    reap_leftovers(job.instance, job.sources, scratch, report);

    stop.check();
    report.phase(Phase::snapshot);
    btrfs::Snapshots snapshots{present.sources, run_name(job.instance, run.invocation_id), scratch.path(), job.nested_max};
    tell(report, snapshots.census(), job, run);

    stop.check();
    report.phase(Phase::mount);
    const auto trees = shown(snapshots.trees());
    View view{trees};

    report.phase(Phase::restic);
    run.outcome = Outcome::success;
    auto there = job;
    there.sources = present.sources;
    serve_repositories({there, there.repositories.front(), snapshots.instant(), snapshots.census().own_pools}, features, stop, report, run);
    view.verify();

    report.phase(Phase::release);
    view.unmount();
    snapshots.remove();
    note_what_is_missing(present.missing, run);
}

} // namespace

Outcome back_up(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    enter_private_namespace();
    const auto running = take_lock(job.instance, LockKind::exclusive, std::format("the job {} is already running", printable(job.name)));
    const auto in_use = lock_repositories(job);

    Report report{job, invocation_id};
    Run run{.invocation_id = invocation_id};
    try {
        tell_story(job, stop, report, run);
    } catch (const Cancelled &) {
        run.outcome = Outcome::stopped;
    } catch (const std::exception &error) {
        run.outcome = Outcome::failed;
        run.message += (run.message.empty() ? "" : "; ") + std::string{error.what()};
    }
    const auto outcome = run.outcome;
    report.finish(std::move(run));
    return outcome;
}

} // namespace igotchuu
