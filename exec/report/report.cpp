// SPDX-License-Identifier: MIT
#include "exec/report/report.hpp"

#include "exec/programs.hpp"
#include "exec/report/channels.hpp"
#include "exec/report/message-id.hpp"
#include "exec/report/notify.hpp"
#include "exec/report/result.hpp"
#include "exec/report/state-file.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/state-files.hpp"
#include "job/status-text.hpp"

#include <syslog.h>
#include <unistd.h>

#include <ctime>
#include <format>
#include <utility>

namespace igotchuu
{
namespace
{

using std::chrono::steady_clock;

/// The time since the boot, suspend included: the wall clock may be set while a run lasts. clock_gettime(2).
std::chrono::nanoseconds uptime()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

/// Between two words about progress to systemd and in the state file.
constexpr std::chrono::milliseconds pause{500};

std::string from_file(const Job &job)
{
    return job.implicit() ? std::string{} : std::format(" ({})", printable(job.file));
}

std::string listed(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + printable(name);
    return text;
}

std::string repositories_of(const Job &job)
{
    std::vector<std::string> names;
    for (const Repository &repository : job.repositories)
        names.push_back(repository.name);
    return listed(names);
}

} // namespace

struct Report::Channels : igotchuu::Channels {
    Channels(const Job &job, const std::string &invocation_id, StateDirectories directories, std::optional<Clock::time_point> kept)
        : igotchuu::Channels{printable(job.name) + (kept ? std::format(" (as it was at {})", time_text(*kept)) : ""),
                             job_fields(job.name, job.instance, invocation_id)},
          where{std::move(directories)}, instance{job.instance}, activity{.job = job.name,
                                                                          .file = job.file,
                                                                          .sources = job.sources,
                                                                          .invocation_id = invocation_id,
                                                                          .started = Clock::now(),
                                                                          .process = ::getpid()}
    {
    }

    /// What the run does now, to those who can see "now".
    void publish()
    {
        published = steady_clock::now();
        attempt(Channel::activity, [&] { write(where, instance, activity); });
        attempt(Channel::systemd, [&] { notify_status(capitalised(status_text(activity))); });
    }

    /// The phase ends here.
    void end_phase()
    {
        const auto now = steady_clock::now();
        phases[std::to_underlying(activity.phase)] += std::chrono::duration_cast<std::chrono::microseconds>(now - phase_began);
        phase_began = now;
    }

    [[nodiscard]] std::string line() const { return std::format("{}: {}", name(), status_text(activity)); }

    StateDirectories where;
    std::string instance;
    Activity activity;
    std::chrono::nanoseconds began = uptime();
    steady_clock::time_point phase_began = steady_clock::now(), published{};
    std::array<std::chrono::microseconds, phase_count> phases{};
};

Report::Report(const Job &job, const std::string &invocation_id, StateDirectories where, std::optional<Clock::time_point> kept)
    : channels_{std::make_unique<Channels>(job, invocation_id, std::move(where), kept)}
{
    channels_->publish();
    channels_->say(LOG_INFO, message_id::backup_started,
                   std::format("Backup of {} begins: {} to {}{}", channels_->name(), listed(job.sources), repositories_of(job),
                               from_file(job)));
}

Report::~Report() = default;

void Report::phase(Phase phase)
{
    channels_->end_phase();
    channels_->activity.phase = phase;
    channels_->activity.repository.clear();
    channels_->activity.progress.reset();
    channels_->publish();
    if (phase != Phase::restic && phase != Phase::prove && phase != Phase::forget) // repository() says more at once
        channels_->show([&](Terminal &terminal) { terminal.step(channels_->line()); });
}

void Report::repository(const std::string &name)
{
    channels_->activity.repository = name;
    channels_->activity.progress.reset();
    channels_->publish();
    channels_->show([&](Terminal &terminal) { terminal.step(channels_->line()); });
}

void Report::progress(const Progress &progress)
{
    if (steady_clock::now() - channels_->published < pause)
        return;
    channels_->activity.progress = progress;
    channels_->publish();
    channels_->show([&](Terminal &terminal) { terminal.progress(channels_->line()); });
}

void Report::complaint(const std::string &line)
{
    channels_->complain(line);
}

void Report::stands_still(pid_t process, int signal)
{
    channels_->stands_still(process, signal, "the snapshot is held");
}

void Report::reaped(const std::string &job, const std::string &run)
{
    channels_->say(LOG_NOTICE, message_id::left_over_reaped,
                   std::format("Removed what a killed backup of {} had left (run {})", printable(job), printable(run)),
                   {{"IGOTCHUU_LEFT_OVER_JOB", job}, {"IGOTCHUU_LEFT_OVER_RUN", run}});
}

void Report::stuck(const std::string &what)
{
    channels_->say(LOG_WARNING, message_id::left_over_stuck, printable(what), {}, Tone::warning);
}

void Report::foreign(const std::string &what)
{
    channels_->say(LOG_WARNING, message_id::foreign_in_pool, printable(what) + " is not of igotchuu: left as it is", {},
                   Tone::warning);
}

void Report::frozen(const std::string &source, std::string_view method, const std::string &why)
{
    const Fields fields{{"IGOTCHUU_SOURCE", source}, {"IGOTCHUU_METHOD", std::string{method}}};
    if (method == "none")
        channels_->say(LOG_NOTICE, message_id::backed_up_live,
                       std::format("{} is backed up as it is, without a snapshot ({}): files that change meanwhile may not fit "
                                   "together",
                                   printable(source), why),
                       fields, Tone::warning);
    else
        channels_->log(LOG_INFO, message_id::frozen, std::format("{} is frozen by {} ({})", printable(source), method, why),
                       fields);
}

void Report::live(const std::vector<std::string> &mount_points)
{
    channels_->say(LOG_NOTICE, message_id::backed_up_live,
                   std::format("Backed up as they are, without a snapshot: {}", listed(mount_points)), {}, Tone::warning);
}

void Report::read_only_left_out(std::uint32_t count)
{
    channels_->say(LOG_INFO, message_id::read_only_left_out,
                   std::format("{} not in the backup (other programs' snapshots, mostly)",
                               counted(count, "read-only subvolume is", "read-only subvolumes are")));
}

void Report::in_memory_left_out(const std::vector<std::string> &mount_points)
{
    channels_->say(LOG_INFO, message_id::in_memory_left_out,
                   std::format("Not in the backup, since what is there is in memory only: {}", listed(mount_points)));
}

void Report::over_limit(std::uint32_t count, const std::string &limit)
{
    channels_->say(LOG_WARNING, message_id::over_limit,
                   std::format("{} not in the backup: beyond {}", counted(count, "subvolume is", "subvolumes are"), limit), {},
                   Tone::warning);
}

void Report::not_one_instant(std::uint32_t instants, std::uint32_t file_systems, std::chrono::microseconds window)
{
    channels_->say(LOG_NOTICE, message_id::not_one_instant,
                   std::format("The snapshots were taken at {} instants within {}, not at one{}", instants, duration_text(window),
                               file_systems > 1 ? std::format(": they are of {} file systems", file_systems) : ""),
                   {{"IGOTCHUU_WINDOW_USEC", std::to_string(window.count())}}, Tone::warning);
}

void Report::held(std::size_t programs, std::chrono::microseconds window)
{
    channels_->log(LOG_INFO, message_id::held,
                   std::format("Held still by {} for {}, while the snapshots were taken", counted(programs, "program", "programs"),
                               duration_text(window)),
                   {{"IGOTCHUU_HOLD_WINDOW_USEC", std::to_string(window.count())}});
}

void Report::waits_no_longer(const std::string &what)
{
    channels_->say(LOG_WARNING, message_id::waits_no_longer, "The backup runs all the same: " + printable(what), {}, Tone::warning);
}

void Report::detail(const std::string &what)
{
    channels_->log(LOG_DEBUG, {}, printable(what));
}

void Report::repository_in_source(const std::string &name, const std::string &path)
{
    channels_->say(
        LOG_WARNING, message_id::repository_in_source,
        std::format("The repository {} lies below a source, in {}: it is left out of the backup, and what destroys the one "
                    "destroys the other",
                    printable(name), printable(path)),
        {}, Tone::warning);
}

void Report::embedded_repository()
{
    channels_->say(LOG_WARNING, message_id::embedded_repository,
                   "The backup lies on this machine, in /var/lib/igotchuu/repository: when its disk fails, both are lost "
                   "(igotchuu.repository(5) says how to send it elsewhere)",
                   {}, Tone::warning);
}

namespace
{

std::string wanted_by(const KeptInstant &instant)
{
    std::vector<std::string> names;
    for (const Wanting &one : instant.repositories)
        names.push_back(one.repository);
    return listed(names);
}

Fields fields_of(const KeptInstant &instant)
{
    return {{"IGOTCHUU_REPOSITORY", wanted_by(instant)}, {"IGOTCHUU_KEPT_RUN", instant.run}};
}

} // namespace

void Report::kept(const KeptInstant &instant)
{
    channels_->say(
        LOG_NOTICE, message_id::instant_kept,
        std::format("The instant of {} is kept for {}, and sent when it is there", time_text(instant.instant), wanted_by(instant)),
        fields_of(instant), Tone::warning);
}

void Report::put_off(const KeptInstant &instant, const Wanting &one, Clock::time_point until)
{
    channels_->say(LOG_WARNING, message_id::instant_kept,
                   std::format("The instant of {} stays kept for {}, where its backup was disproved: it is not sent there again "
                               "by itself before {}",
                               time_text(instant.instant), printable(one.repository), time_text(until)),
                   {{"IGOTCHUU_REPOSITORY", one.repository}, {"IGOTCHUU_KEPT_RUN", instant.run}}, Tone::warning);
}

void Report::sent(const KeptInstant &instant)
{
    channels_->say(LOG_INFO, message_id::instant_sent,
                   std::format("The instant of {} is where it was to go, and its snapshot is gone", time_text(instant.instant)),
                   fields_of(instant));
}

void Report::given_up(const KeptInstant &instant, const std::string &why)
{
    channels_->say(LOG_WARNING, message_id::instant_dropped,
                   std::format("The instant of {}, which {} has not got, is given up: {}", time_text(instant.instant),
                               wanted_by(instant), printable(why)),
                   fields_of(instant), Tone::warning);
}

void Report::without_job(const std::string &instance, const Kept &kept)
{
    channels_->say(LOG_WARNING, message_id::instant_without_job,
                   std::format("The job {} is gone, and {} kept, which nobody sends. To drop what is kept: {} pending --drop '{}'",
                               printable(kept.job), counted(kept.instants.size(), "instant of it is", "instants of it are"),
                               programs::igotchuu_exec, instance),
                   {{"IGOTCHUU_LEFT_OVER_JOB", instance}}, Tone::warning);
}

void Report::retention(const std::string &repository, const Retention &retention)
{
    const auto sentence = retention_sentence(channels_->name(), repository, retention);
    if (sentence.empty())
        return;
    const auto &[priority, message_id, tone] = entry_of(retention);
    auto fields = result_fields(retention);
    fields.emplace_back("IGOTCHUU_REPOSITORY", repository);
    channels_->say(priority, message_id, sentence, fields, tone);
}

void Report::proof(const RepositoryResult &result)
{
    const auto &proof = *result.proof;
    if (proof.finding == Finding::disproved) // finish() says so
        return;
    const auto &[priority, message_id, tone] = entry_of(proof);
    auto fields = result_fields(proof);
    fields.emplace_back("IGOTCHUU_REPOSITORY", result.repository);
    fields.emplace_back("IGOTCHUU_SNAPSHOT_ID", result.summary.snapshot_id);
    channels_->say(priority, message_id, proof_sentence(channels_->name(), result.repository, proof), fields, tone);
}

void Report::finish(Run run)
{
    auto &all = *channels_;
    all.end_phase();
    run.ended = Clock::now();
    run.started = run.ended - (uptime() - all.began); // not what the clock showed then: it may have been set since
    run.phases = all.phases;
    run.message = printable(run.message);
    for (RepositoryResult &result : run.repositories) {
        result.message = printable(result.message);
        if (result.proof)
            result.proof->why = printable(result.proof->why);
    }

    // the record first: whoever kills us from here on finds the truth in it
    all.attempt(Channel::record, [&] {
        Record record = read_record(all.where, all.instance).value_or(Record{});
        record.job = all.activity.job;
        record.file = all.activity.file;
        add(record, run);
        write(all.where, all.instance, record);
    });
    all.show([](Terminal &terminal) { terminal.end_live(); });
    if (run.repositories.size() > 1)
        for (const RepositoryResult &result : run.repositories)
            all.log(entry_of(result.outcome).priority, message_id::repository_result, result_sentence(all.name(), result),
                    result_fields(result));
    const OutcomeEntry entry = entry_of(run.outcome);
    const std::string sentence = result_sentence(all.name(), run);
    all.attempt(Channel::systemd, [&] { notify_status(public_sentence(all.name(), run)); });
    all.log(entry.priority, entry.message_id, sentence, result_fields(run));
    all.show([&](Terminal &terminal) {
        terminal.line(run.outcome == Outcome::success ? std::format("Backup of {} complete", all.name()) : sentence, entry.tone);
        for (const std::string &line : result_table(run))
            terminal.line(line);
    });
    // At the very end: as long as it is there, report_killed() makes good what was not said.
    all.attempt(Channel::activity, [&] { remove_activity(all.where, all.instance); });
}

} // namespace igotchuu
