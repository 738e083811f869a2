// SPDX-License-Identifier: MIT
#include "exec/serve.hpp"

#include "exec/few-devices.hpp"
#include "exec/in-use.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/prove.hpp"
#include "exec/restic/run.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

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

Shown::Shown(const Job &of, const Snapshots &frozen, const View &seen, std::vector<std::string> other_names)
    : job{of}, snapshots{frozen}, view{seen}, left_out{std::move(other_names)},
      instant{std::min(frozen.census().instant, std::chrono::system_clock::now())} // live trees have none
{
    std::ranges::copy(view.not_frozen().directories, std::back_inserter(left_out));
    std::ranges::copy(snapshots.census().own_pools, std::back_inserter(left_out));
}

restic::BackupRequest Shown::request(const Repository &repository, const Opened &opened) const
{
    return {.job = job,
            .repository = repository,
            .access = opened.access ? &*opened.access : nullptr,
            .instant = instant,
            .leave_out = left_out,
            .leave_out_contents = view.not_frozen().contents,
            .root = view.root()};
}

std::vector<std::string> Shown::live() const
{
    auto all = snapshots.live();
    for (const auto &choice : snapshots.choices())
        if (choice.method == name_of(SnapshotMethod::none))
            all.push_back(choice.source);
    std::ranges::copy(view.not_frozen().contents, std::back_inserter(all));
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

/// Whether the last backup there was none: what restic takes for unchanged may be what is wrong in it.
bool was_disproved(const Record &record, const std::string &repository)
{
    for (const auto &run : record.history)
        for (const auto &result : run.repositories)
            if (result.repository == repository && has_snapshot(result.outcome))
                return result.outcome == Outcome::disproved;
    return false;
}

void serve_repositories(const Shown &shown, const std::vector<Opened> &opened, const restic::Features &features,
                        const StopRequest &stop, Report &report, Run &run)
{
    const auto record = read_record({}, shown.job.instance).value_or(Record{});
    std::string scarce; // what ends the run before the disk is full
    const restic::Listener listener{[&](const Progress &progress) { report.progress(progress); },
                                    [&](const std::string &line) { report.complaint(line); },
                                    [&](pid_t process, int signal) { report.stands_still(process, signal); },
                                    [&] { return !scarce.empty() || !(scarce = shown.snapshots.short_of_space()).empty(); }};
    for (const auto &[repository, open] : std::views::zip(shown.job.repositories, opened)) {
        if (stop.asked()) {
            run.outcome = worse(run.outcome, Outcome::stopped);
            return;
        }
        report.repository(repository.name);
        if (repository.embedded())
            report.embedded_repository();
        auto request = shown.request(repository, open);
        request.read_all = was_disproved(record, repository.name);
        if (!run.kept_run.empty()) // a kept instant has time: the next look comes
            request.reaches_within = look;
        auto result = scarce.empty() ? serve(request, open.why_not, features, stop, listener, run)
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
    const Shown shown{there, snapshots, view, by_other_names};
    const auto lacks = run.outcome == Outcome::success ? Lacks::nothing : Lacks::something; // of the sources, until then
    serve_repositories(shown, opened, features, stop, report, run);
    prove_backups(shown, opened, lacks, features, stop, report, run);
    try {
        view.verify();
    } catch (...) { // what was compared was not what it should have been
        for (auto &result : run.repositories)
            result.proof.reset();
        throw;
    }

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
