// SPDX-License-Identifier: MIT
#include "exec/serve.hpp"

#include "exec/few-devices.hpp"
#include "exec/in-use.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/restic/run.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <iterator>
#include <ranges>
#include <system_error>
#include <utility>

namespace igotchuu
{

Keep what_goes_on(const Job &job, const restic::Installation &installation)
{
    Keep keep{.live = written_to(job, installation.cache_directory), .programs = installation.programs()};
    if (std::ranges::contains(job.sources, "/")) // restic runs in its view, where a /usr or /nix of its own is an empty directory
        keep.readable = keep.programs;
    for (const auto &repository : job.repositories)
        std::ranges::copy(restic::files_of(repository), std::back_inserter(keep.readable));
    return keep;
}

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

namespace
{

void tell(Report &report, const View &view, const Job &job)
{
    for (const auto &repository : job.repositories) {
        std::error_code unknown;
        const auto real = std::filesystem::weakly_canonical(repository.local_path(), unknown);
        if (!repository.embedded() && std::ranges::contains(view.not_frozen().directories, real.native()))
            report.repository_in_source(repository.name, repository.local_path());
    }
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
            run.add_to_message(std::format("{}: {}", printable(repository.name), result.message));
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

} // namespace

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

Run to_the_end(Report &report, Run run, const std::function<void(Run &)> &story)
{
    try {
        story(run);
    } catch (const Cancelled &) {
        run.outcome = Outcome::stopped;
    } catch (const NotNow &reason) {
        run.outcome = Outcome::not_now;
        run.add_to_message(reason.what());
    } catch (const std::exception &error) {
        run.outcome = Outcome::failed;
        run.add_to_message(error.what());
    }
    report.finish(run);
    return run;
}

} // namespace igotchuu
