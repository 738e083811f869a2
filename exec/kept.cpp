// SPDX-License-Identifier: MIT
#include "exec/kept.hpp"

#include "exec/programs.hpp"
#include "exec/reap.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/tool.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iterator>
#include <optional>

namespace igotchuu
{
namespace
{

/// A run that nobody got is tried again all the time: one of its instants a day is enough.
constexpr std::chrono::hours stands_for{24};

/// The run fails. Who has a snapshot of it has a backup all the same.
void fails(RepositoryResult &result, const std::string &why, Run &run)
{
    const bool goes_without = !has_snapshot(result.outcome);
    if (goes_without)
        result.outcome = Outcome::failed;
    run.outcome = worse(run.outcome, Outcome::failed);
    if (why.empty())
        return;
    if (goes_without)
        result.message += (result.message.empty() ? "" : "; ") + why;
    run.add_to_message(std::format("{}: {}", printable(result.repository), why));
}

std::string why_not_kept(const Job &job, const Snapshots &snapshots, const Kept &kept)
{
    if (snapshots.keepable().empty())
        return "the instant cannot be kept for it (only snapshots of btrfs, ZFS and LVM can)";
    if (kept.instants.empty() && snapshots.free_percent() < job.pending.free_percent)
        return std::format("the instant is not kept for it: less than {} % is free (pending.free-percent)",
                           job.pending.free_percent);
    return {};
}

bool wants(const KeptInstant &instant, const std::string &repository)
{
    return std::ranges::contains(instant.repositories, repository, &Wanting::repository);
}

/// Whether it is sent there as soon as that comes.
bool will_get(const KeptInstant &instant, const std::string &repository, Clock::time_point now)
{
    const auto one = std::ranges::find(instant.repositories, repository, &Wanting::repository);
    return one != instant.repositories.end() && !put_off_until(*one, now);
}

bool ever_got_a_backup(const Job &job, const std::string &repository)
{
    const auto got_it = [&](const Run &run) {
        return std::ranges::any_of(run.repositories, [&](const RepositoryResult &result) {
            return result.repository == repository && has_snapshot(result.outcome);
        });
    };
    const auto record = read_record({}, job.instance).value_or(Record{});
    return std::ranges::any_of(record.history, got_it) || (record.last_success && got_it(*record.last_success));
}

/// For this job, or by its init or a maintenance. One that never was there is more likely to have a wrong address than to be in a drawer.
bool was_ever_there(const Job &job, const Kept &kept, const std::string &repository)
{
    const auto is_wanted = [&](const KeptInstant &instant) { return wants(instant, repository); };
    return ever_got_a_backup(job, repository) || std::ranges::any_of(kept.instants, is_wanted) ||
           read_repository_record({}, repository_instance_of(repository));
}

/// What may help where a repository of this machine was never there.
std::string what_was_never_done(const Job &job, const Kept &kept, const std::string &name)
{
    const auto repository = std::ranges::find(job.repositories, name, &Repository::name);
    return was_ever_there(job, kept, name) || repository->local_path().empty() ? "" : restic::how_to_make(*repository);
}

/// systemctl asks PID 1 itself: the bus may be gone by then.
bool machine_goes_down()
{
    return run({.arguments = {programs::systemctl, "is-system-running"}}).output.starts_with("stopping");
}

/// Whether restic was at the first backup of this job there, which may take days, when the machine went down: another instant would begin anew.
bool is_cut_first_upload(const Job &job, const RepositoryResult &result)
{
    const auto is_embedded = [&](const Repository &one) { return one.name == result.repository && one.embedded(); };
    return result.outcome == Outcome::stopped && std::ranges::none_of(job.repositories, is_embedded) &&
           !ever_got_a_backup(job, result.repository) && machine_goes_down();
}

/// Since when, as far as the list knows.
Clock::time_point absent_since(const Kept &kept, const std::string &repository, Clock::time_point otherwise)
{
    for (const auto &instant : kept.instants)
        for (const auto &one : instant.repositories)
            if (one.repository == repository)
                otherwise = std::min(otherwise, one.since);
    return otherwise;
}

/// Whether there is an instant in the list that will do for all of these: none of the run's repositories has got its own.
bool is_kept_already(const Kept &kept, std::span<RepositoryResult *const> absent, const Run &run, Clock::time_point now)
{
    return absent.size() == run.repositories.size() && !kept.instants.empty() &&
           std::chrono::abs(now - kept.instants.back().kept) < stands_for && // the clock may have been ahead
           std::ranges::all_of(absent, [&](const auto *result) { return will_get(kept.instants.back(), result->repository, now); });
}

/// The repositories that an instant is to be kept for. Another one that is absent has failed.
std::vector<RepositoryResult *> those_without(const Job &job, const Kept &kept, Run &run)
{
    std::vector<RepositoryResult *> all;
    const bool keeps = job.pending.days > std::chrono::days{0};
    for (auto &result : run.repositories)
        if (keeps && ((result.outcome == Outcome::pending && was_ever_there(job, kept, result.repository)) ||
                      is_cut_first_upload(job, result)))
            all.push_back(&result);
        else if (result.outcome == Outcome::pending)
            fails(result, what_was_never_done(job, kept, result.repository), run);
    return all;
}

KeptInstant kept_instant(const Snapshots &snapshots, const std::vector<std::string> &missing, const Run &run, Clock::time_point now)
{
    return {.run = run.invocation_id,
            .instant = snapshots.census().instant,
            .kept = now,
            .sources = run.sources,
            .trees = snapshots.keepable(),
            .left_out = snapshots.census().own_pools,
            .missing = missing};
}

} // namespace

bool keep_for_those_without(const Job &job, Snapshots &snapshots, const std::vector<std::string> &missing, Report &report, Run &run)
{
    auto kept = read_kept({}, job.instance);
    const auto absent = those_without(job, kept, run);
    if (absent.empty())
        return false;
    if (const auto why_not = why_not_kept(job, snapshots, kept); !why_not.empty()) {
        for (auto *result : absent)
            if (result->outcome == Outcome::pending)
                fails(*result, why_not, run);
            else
                run.add_to_message(why_not);
        return false;
    }
    const auto now = Clock::now();
    const bool is_kept = is_kept_already(kept, absent, run, now);
    auto instant = kept_instant(snapshots, missing, run, now);
    for (auto *result : absent) {
        const auto since = absent_since(kept, result->repository, instant.instant);
        instant.repositories.push_back({.repository = result->repository, .since = since, .why = printable(result->message)});
        if (result->outcome == Outcome::pending && now - since > job.pending.days)
            fails(*result,
                  std::format("it has been absent since {}, longer than {} days (pending.days)", time_text(since),
                              job.pending.days.count()),
                  run);
    }
    if (is_kept) {
        run.add_to_message(std::format("the instant of {} is kept for it", time_text(kept.instants.back().instant)));
        return false;
    }
    kept.job = job.name;
    kept.file = job.file;
    kept.instants.push_back(instant);
    write({}, job.instance, kept);
    snapshots.keep();
    report.kept(instant);
    return true;
}

bool has_cut_first_upload(const Job &job)
{
    const auto is_first = [&](const Wanting &one) { return !ever_got_a_backup(job, one.repository); };
    return std::ranges::any_of(read_kept({}, job.instance).instants,
                               [&](const KeptInstant &instant) { return std::ranges::any_of(instant.repositories, is_first); });
}

namespace
{

bool is_scarce(const Job &job, const KeptInstant &instant, const Scratch &scratch)
try {
    return Snapshots{instant, run_name(job.instance, instant.run), scratch.path()}.free_percent() < job.pending.free_percent;
} catch (const SnapshotGone &) {
    throw;
} catch (const std::runtime_error &) { // its file system is absent, and it takes no space from anybody; or nobody can tell
    return false;
}

/// `newer`: how many come after it. Of space that is scarce only the oldest gives some back: how much, the file system knows a while later.
OverLimit look_at(const Job &job, const KeptInstant &instant, std::size_t newer, bool is_oldest, const Scratch &scratch)
try {
    const auto is_of_job = [&](const Wanting &one) {
        return std::ranges::contains(job.repositories, one.repository, &Repository::name);
    };
    OverLimit over{.instant = instant, .why = {}};
    if (std::ranges::none_of(instant.repositories, is_of_job)) {
        over.why = "no repository of the job wants it any more";
        over.is_missed = false;
    } else if (Clock::now() - instant.kept > job.pending.days) {
        over.why = std::format("it was kept for {} days (pending.days)", job.pending.days.count());
    } else if (newer >= job.pending.instants) {
        over.why = std::format("newer ones are kept (pending.instants = {})", job.pending.instants);
        over.is_missed = false;
    } else if (is_scarce(job, instant, scratch) && is_oldest) {
        over.why = std::format("less than {} % of its file system is free (pending.free-percent)", job.pending.free_percent);
    }
    return over;
} catch (const SnapshotGone &gone) {
    return {.instant = instant, .why = gone.what()};
}

} // namespace

std::vector<OverLimit> over_limits(const Job &job, std::span<const std::string> coming, const Scratch &scratch)
{
    const auto kept = read_kept({}, job.instance).instants;
    std::vector<OverLimit> all;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto is_coming = [&](const Wanting &one) {
            return std::ranges::contains(coming, one.repository) && !put_off_until(one, Clock::now());
        };
        if (!kept[i].repositories.empty() && std::ranges::all_of(kept[i].repositories, is_coming))
            continue;
        if (auto over = look_at(job, kept[i], kept.size() - i - 1, i == 0, scratch); !over.why.empty())
            all.push_back(std::move(over));
    }
    return all;
}

void give_up(const Job &job, const std::vector<OverLimit> &all, const Scratch &scratch, Report &report, Run &run)
{
    for (const auto &[instant, why, is_missed] : all) {
        try {
            drop(job.instance, instant.run, scratch);
        } catch (const std::runtime_error &error) { // of this one only; the next run tries again
            report.stuck(error.what());
            continue;
        }
        if (instant.repositories.empty())
            report.sent(instant); // by a process that died before it could delete it
        else
            report.given_up(instant, why);
        for (const auto &one : instant.repositories) {
            if (!is_missed)
                continue;
            auto result = std::ranges::find(run.repositories, one.repository, &RepositoryResult::repository);
            if (result == run.repositories.end())
                result = run.repositories.insert(result, RepositoryResult{.repository = one.repository});
            fails(*result, std::format("the instant of {} is given up: {}", time_text(instant.instant), why), run);
        }
    }
}

void settle(const Job &job, const KeptInstant &sent, Snapshots &snapshots, Report &report, const Run &run)
{
    auto kept = read_kept({}, job.instance);
    const auto instant = std::ranges::find(kept.instants, sent.run, &KeptInstant::run);
    if (instant == kept.instants.end())
        return;
    for (const auto &result : run.repositories) {
        const auto one = std::ranges::find(instant->repositories, result.repository, &Wanting::repository);
        if (one == instant->repositories.end())
            continue;
        if (has_snapshot(result.outcome) && result.outcome != Outcome::disproved) { // then this is the only good one
            instant->repositories.erase(one);
            continue;
        }
        one->why = printable(result.message);
        if (result.outcome != Outcome::disproved)
            continue;
        const auto now = Clock::now();
        one->disproved = now;
        if (const auto until = put_off_until(*one, now))
            report.put_off(sent, *one, *until);
    }
    write({}, job.instance, kept);
    if (!instant->repositories.empty())
        return;
    snapshots.remove();
    kept.instants.erase(instant);
    write({}, job.instance, kept);
    report.sent(sent);
}

void drop(const std::string &instance, std::string_view run, const Scratch &scratch)
{
    auto kept = read_kept({}, instance);
    const auto instant = std::ranges::find(kept.instants, run, &KeptInstant::run);
    if (instant == kept.instants.end())
        return;
    std::optional<Snapshots> snapshots;
    try {
        snapshots.emplace(*instant, run_name(instance, run), scratch.path());
    } catch (const SnapshotGone &) {
    } catch (const FileSystemAbsent &) {
        // what is off the list is a left-over, which a run takes away when it comes to it
    }
    if (snapshots)
        snapshots->remove();
    kept.instants.erase(instant);
    write({}, instance, kept);
}

} // namespace igotchuu
