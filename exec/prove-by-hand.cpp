// SPDX-License-Identifier: MIT
#include "exec/prove-by-hand.hpp"

#include "exec/before-snapshot.hpp"
#include "exec/credentials.hpp"
#include "exec/few-devices.hpp"
#include "exec/in-use.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/prove.hpp"
#include "exec/reap.hpp"
#include "exec/report/result.hpp"
#include "exec/report/state-file.hpp"
#include "exec/serve.hpp"
#include "exec/sources.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <format>
#include <iostream>
#include <iterator>
#include <optional>
#include <ranges>
#include <unistd.h>

namespace igotchuu
{

namespace
{

void refuse_snapshot(const std::string &snapshot)
{
    if (!snapshot.empty() &&
        (snapshot.size() < 8 || snapshot.size() > 64 || snapshot.find_first_not_of("0123456789abcdef") != snapshot.npos))
        throw Failure{std::format("\"{}\" is no id of a snapshot: 8 to 64 hexadecimal digits, as restic snapshots shows them",
                                  printable(snapshot))};
}

/// Whoever goes away (a pager, head) wants no more of it: a stop like any other, so that restic takes its lock away.
void say(const std::string &line)
{
    errno = 0;
    if (!(std::cout << line << std::endl) && errno == EPIPE)
        kill(getpid(), SIGTERM);
}

class ByHandProof
{
public:
    ByHandProof(const Job &job, const std::string &snapshot, const std::string &invocation_id, const StopRequest &stop)
        : job_{job}, snapshot_{snapshot}, mark_{run_name(job.instance, invocation_id)}, stop_{stop}
    {
    }

    ExitStatus run()
    {
        run_before_snapshot(job_, stop_); // it may mount a source
        const auto present = look_at_sources(job_.sources, stop_);
        auto installation = restic::Installation::standard();
        const auto keep = what_goes_on(job_, installation);
        refuse_written_sources(job_, keep.live);
        const auto features = restic::features(stop_, installation);
        const Scratch scratch;
        installation.credentials_directory = gather_credentials({job_.instance, job_.repositories, job_.service}, scratch, stop_);
        const auto opened = open_repositories(job_, installation, stop_);
        Snapshots snapshots{{present.sources, mark_, scratch.path(), job_, stop_}};
        const auto status = look(present, snapshots, keep, scratch, opened, features);
        snapshots.remove();
        return status;
    }

private:
    ExitStatus look(const Present &present, Snapshots &snapshots, const Keep &keep, const Scratch &scratch,
                    const std::vector<Opened> &opened, const restic::Features &features)
    {
        const auto by_other_names = other_names(present.sources, keep.live);
        const OutOfReach services;
        const FewDevices devices;
        View view{snapshots.trees(), keep, scratch};
        snapshots.hide();
        auto there = job_;
        there.sources = present.sources;
        const Shown shown{there, snapshots, view, by_other_names};
        auto status = ExitStatus::success;
        for (const auto &[repository, open] : std::views::zip(job_.repositories, opened))
            if (const auto of_this = look_into(shown, repository, open, features); status != ExitStatus::failed)
                status = of_this == ExitStatus::success ? status : of_this;
        view.verify();
        view.unmount();
        return status;
    }

    ExitStatus look_into(const Shown &shown, const Repository &repository, const Opened &open, const restic::Features &features)
    {
        const auto name = printable(repository.name);
        const auto made = find_made(record_, repository.name, snapshot_);
        if (!made || !open.why_not.empty()) {
            std::cerr << std::format("igotchuu: {}: {}\n", name,
                                     !open.why_not.empty() ? open.why_not : "no backup there is known: name a snapshot");
            return ExitStatus::failed;
        }
        say(std::format("{}: snapshot {}{}", name, made->result.summary.snapshot_id.substr(0, 8),
                        made->instant ? ", of " + time_text(*made->instant) : ""));
        const auto request = shown.request(repository, open);
        auto result = made->result;
        bool differs = false;
        result.proof = prove({.shown = shown,
                              .request = request,
                              .made = made->result,
                              .extent = Extent::full,
                              .features = features,
                              .stop = stop_,
                              .listener = listener_,
                              .starts = starts_,
                              .differs_now = [&](const std::string &path) {
                                  differs = true;
                                  say("  differs now: " + printable(path));
                              }});
        stop_.check();
        const auto status = tell(result, differs);
        stop_.check();
        return status;
    }

    /// What is there now may differ in ways that are not looked at here (directories, links): that makes no backup the last proven one.
    ExitStatus tell(const RepositoryResult &result, bool differs)
    {
        const auto &proof = *result.proof;
        if (proof.finding == Finding::disproved) {
            disprove(record_, result);
            write({}, job_.instance, record_);
        }
        if (proof.finding != Finding::proven) {
            say("  " + proof_sentence(printable(job_.name), result.repository, proof));
            return ExitStatus::failed;
        }
        if (differs) {
            say(std::format("  {} ({}) are as they are now", counted(proof.files, "file", "files"), bytes_text(proof.bytes)));
            return ExitStatus::partial;
        }
        say("  " + proof_sentence(printable(job_.name), result.repository, proof));
        return ExitStatus::success;
    }

    const Job &job_;
    const std::string &snapshot_;
    std::string mark_;
    const StopRequest &stop_;
    restic::Listener listener_{[](const Progress &) {}, [](const std::string &line) { std::cerr << line << '\n'; },
                               [](pid_t, int) {}};
    std::uint32_t starts_ = 0;
    Record record_ = read_record({}, job_.instance).value_or(Record{});
};

} // namespace

std::optional<Made> find_made(const Record &record, const std::string &repository, const std::string &snapshot)
{
    std::optional<Made> newest;
    const auto look_at = [&](const Run &run) {
        for (const auto &result : run.repositories)
            if (result.repository == repository && has_snapshot(result.outcome) &&
                result.summary.snapshot_id.starts_with(snapshot) && !result.summary.snapshot_id.empty() &&
                (!newest || instant_of(run) > *newest->instant))
                newest = Made{result, instant_of(run)};
    };
    std::ranges::for_each(record.history, look_at);
    if (record.last_success)
        look_at(*record.last_success);
    const auto *const proven = last_proven(record, repository);
    if (!newest && proven != nullptr && proven->snapshot_id.starts_with(snapshot))
        newest = Made{{.repository = repository, .summary = {.snapshot_id = proven->snapshot_id}}, proven->instant};
    if (!newest && !snapshot.empty())
        newest = Made{{.repository = repository, .summary = {.snapshot_id = snapshot}}, {}};
    if (newest)
        newest->result.errors = 0; // what could not be read then says nothing about now
    return newest;
}

ExitStatus prove_by_hand(const Job &job, const std::string &snapshot, const std::string &invocation_id, const StopRequest &stop)
{
    refuse_snapshot(snapshot);
    enter_private_namespace();
    const auto running = lock_job(job);
    const auto in_use = lock_repositories(job);
    return ByHandProof{job, snapshot, invocation_id, stop}.run();
}

} // namespace igotchuu
