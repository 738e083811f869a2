// SPDX-License-Identifier: MIT
#include "exec/send.hpp"

#include "exec/awaited.hpp"
#include "exec/credentials.hpp"
#include "exec/in-use.hpp"
#include "exec/inhibit.hpp"
#include "exec/invocation.hpp"
#include "exec/kept.hpp"
#include "exec/look-after.hpp"
#include "exec/pending.hpp"
#include "exec/reap.hpp"
#include "exec/restic/run.hpp"
#include "exec/serve.hpp"
#include "exec/unit-properties.hpp"
#include "job/amount.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <utility>

namespace igotchuu
{
namespace
{

/// The job as it is for a kept instant: its sources then, and of its repositories those that want it and are there, as far as that can be seen. `absent`: what
/// was found to be so this very moment.
Job for_kept(const Job &job, const KeptInstant &kept, std::span<const std::string> absent, Sends sends)
{
    auto there = job;
    std::erase_if(there.repositories, [&](const Repository &repository) {
        const auto one = std::ranges::find(kept.repositories, repository.name, &Wanting::repository);
        return one == kept.repositories.end() || (sends == Sends::due && put_off_until(*one, Clock::now())) ||
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
    run.whole = false; // until it was seen to be
    back_up_frozen(job, opened, present, snapshots, keep, scratch, features, stop, report, run);
    run.whole = kept.missing.empty();
    settle(job, kept, snapshots, report, run);
    for (const auto &sentence : kept.missing)
        run.add_to_message(sentence);
} catch (const SnapshotGone &gone) {
    const Scratch scratch;
    give_up(job, {{.instant = kept, .why = gone.what()}}, scratch, report, run);
}

/// What the limits no longer allow; it has a run of its own in the record, since somebody has to do without.
Outcome keep_limits(const Job &job, const std::string &invocation_id)
{
    const Scratch scratch;
    const auto all = over_limits(job, {}, scratch);
    if (all.empty())
        return Outcome::success;
    const auto &oldest = all.front().instant;
    Report report{job, invocation_id, {}, oldest.instant};
    return to_the_end(
               report,
               {.invocation_id = invocation_id, .outcome = Outcome::pending, .kept_run = oldest.run, .instant = oldest.instant},
               [&](Run &run) { give_up(job, all, scratch, report, run); })
        .outcome;
}

/// Where the file system with its snapshots is not mounted as yet nothing has failed: the next look comes.
bool can_be_opened(const Job &job, const KeptInstant &kept)
try {
    const Scratch scratch;
    const Snapshots opened{kept, run_name(job.instance, kept.run), scratch.path()};
    return true;
} catch (const FileSystemAbsent &reason) {
    std::cerr << std::format("igotchuu: the instant of {} is not sent as yet: {}\n", time_text(kept.instant), reason.what());
    return false;
} catch (const std::exception &) { // its story tells
    return true;
}

/// The unit does not know who has started it: nothing of ours, where there is nothing that would be sent by itself. After a restart there may have been.
Sends what_is_sent(const Job &job)
{
    if (by_hand())
        return Sends::all;
    const bool is_first_try = unit_properties(send_service_of(job.instance), "NRestarts")["NRestarts"] == "0";
    return is_first_try && !starts_by_itself(job, read_kept({}, job.instance)) ? Sends::all : Sends::due;
}

} // namespace

Outcome send_each(const Job &job, std::string invocation_id, std::span<const std::string> absent, const StopRequest &stop,
                  Sends sends)
{
    auto outcome = Outcome::success;
    for (const auto &kept : read_kept({}, job.instance).instants) {
        const auto there = for_kept(job, kept, absent, sends);
        if (there.repositories.empty() || stop.asked() || !can_be_opened(job, kept))
            continue;
        Report report{there, invocation_id, {}, kept.instant};
        Run begun{.invocation_id = std::exchange(invocation_id, new_id()),
                  .kept_run = kept.run,
                  .instant = kept.instant,
                  .sources = kept.sources};
        const auto run =
            to_the_end(report, std::move(begun), [&](Run &story) { tell_kept_story(there, kept, stop, report, story); });
        look_after(job, run);
        outcome = worse(outcome, run.outcome);
    }
    return outcome;
}

ExitStatus send_kept(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    enter_private_namespace();
    const auto running = lock_job(job);
    say_what_was_killed(job);
    auto outcome = Outcome::success;
    if (const auto awaited = what_is_awaited(job.wait); awaited.empty())
        outcome = send_each(job, invocation_id, {}, stop, what_is_sent(job));
    else
        std::cerr << std::format("igotchuu: nothing is sent as yet: {}\n", awaited);
    if (!stop.asked())
        outcome = worse(outcome, keep_limits(job, new_id()));
    return outcome == Outcome::pending ? ExitStatus::success
                                       : exit_status(outcome); // what is out of reach is tried again in a while
}

} // namespace igotchuu
