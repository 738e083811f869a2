// SPDX-License-Identifier: MIT
#include "cli/overview.hpp"

#include "cli/held.hpp"
#include "cli/shell.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/recovery-key.hpp"
#include "job/state-files.hpp"
#include "job/status-text.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <tuple>
#include <utility>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

/// A run that waits for its disk or network is as it should be for so long.
constexpr hours waits_well{24};
/// A run may take as long. The first one over a slow line takes longer, and somebody should know that there is no backup until then.
constexpr hours runs_well{24};
/// A timer starts its job at once, but for a machine that is busy; and both clocks are not read at the same time.
constexpr minutes grace{1};

/// "14 min", of the largest unit that it has two of, so that no more is said than matters.
std::string rough(Clock::duration time)
{
    if (time < 2min)
        return std::format("{} s", floor<seconds>(time).count());
    if (time < 2h)
        return std::format("{} min", floor<minutes>(time).count());
    if (time < 48h)
        return std::format("{} h", floor<hours>(time).count());
    return std::format("{} d", floor<days>(time).count());
}

std::string ago_or_never(const std::optional<Clock::time_point> &time, Clock::time_point now)
{
    return time ? ago(now - *time) : "never";
}

Severity severity_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
    case Outcome::pending:
    case Outcome::not_now:
        return Severity::fine;
    case Outcome::partial:
    case Outcome::stopped:
        return Severity::warning;
    case Outcome::failed:
    case Outcome::disproved:
    case Outcome::killed:
    case Outcome::bad_configuration:
        return Severity::critical;
    }
    std::unreachable();
}

std::string remedy(const char *verb, const Standing &job)
{
    return std::format("igotchuu {} {}", verb, shell_word(printable(job.name)));
}

std::string said_of_end(Outcome outcome, Clock::duration age, const std::string &message, const std::string &remedy)
{
    return std::format("{} {}{}{} ({})", to_string(outcome), ago(age), message.empty() ? "" : ": ", printable(message, 300),
                       remedy);
}

int rank(Severity severity)
{
    constexpr std::array worst_last{Severity::fine, Severity::unknown, Severity::warning, Severity::critical};
    return static_cast<int>(std::ranges::find(worst_last, severity) - worst_last.begin());
}

Tone tone_of(Severity severity)
{
    switch (severity) {
    case Severity::fine:
        return Tone::good;
    case Severity::warning:
    case Severity::unknown:
        return Tone::warning;
    case Severity::critical:
        return Tone::bad;
    }
    std::unreachable();
}

std::string doing_now(const Standing &job)
{
    if (job.doing == Doing::running && job.activity) {
        auto step = *job.activity;
        step.progress.reset();
        const auto &progress = job.activity->progress;
        return progress && progress->percent_done > 0 && progress->percent_done <= 1
                   ? std::format("{} {} %", status_text(step), static_cast<int>(progress->percent_done * 100))
                   : status_text(step);
    }
    return job.doing == Doing::idle ? "-" : std::string{to_string(job.doing)};
}

std::string next_of(const Schedule &schedule, Clock::time_point now)
{
    switch (schedule.state) {
    case Schedule::State::unknown:
        return "-";
    case Schedule::State::none:
        return "by hand";
    case Schedule::State::off:
        return "timer off";
    case Schedule::State::on:
        return schedule.next ? until(*schedule.next - now) : "-";
    }
    std::unreachable();
}

/// When its timer started it last. What it has missed while it did not run it makes up for when it does: a stamp that no run came after is of its first start.
std::optional<Clock::time_point> was_due(const Standing &job)
{
    const auto &schedule = job.schedule;
    return schedule.last_is_stamped && job.started < *schedule.last ? std::nullopt : schedule.last;
}

/// Why a job is late; empty: it is not.
std::string lateness(const Standing &job, Clock::time_point now)
{
    const auto nothing_since = [&](Clock::time_point then) { return !job.last_success || *job.last_success < then; };
    const bool waits = job.doing == Doing::waiting && job.waits_since;
    if (waits && now - *job.waits_since > waits_well)
        return std::format("has waited for {} ({})", rough(now - *job.waits_since), remedy("log", job));
    const Clock::duration patience = job.doing == Doing::idle ? Clock::duration{grace} : runs_well; // a success may still come
    if (const auto due = was_due(job); !waits && due && now - *due > patience && nothing_since(*due))
        return std::format("was due {}, and there is no success since ({})", ago(now - *due), remedy("start", job));
    if (job.objective > hours{0} && job.last_success && nothing_since(now - job.objective))
        return std::format("its newest backup is of {}, and may be {} h old ({})", ago(now - *job.last_success),
                           job.objective.count(), remedy("start", job));
    return {};
}

template <typename Found>
void judge_schedule(const Standing &job, const Found &found)
{
    const auto timer = [&] { return shell_word(timer_of(job.instance)); };
    if (job.schedule.state == Schedule::State::off)
        found(Severity::warning, std::format("its timer does not run (igotchuu reload; systemctl start {})", timer()));
    else if (job.schedule.state == Schedule::State::unknown)
        found(Severity::unknown, "when it runs next cannot be seen");
    else if (job.schedule.never_again && job.doing == Doing::idle)
        found(Severity::warning, std::format("its timer never starts it again (systemctl status {})", timer()));
}

std::string log_of(const Run &run)
{
    return "journalctl -x IGOTCHUU_INVOCATION=" + printable(run.invocation_id);
}

/// What came of its runs. A try that could not run is none, and hides nothing of the one before.
template <typename Found>
void judge_runs(const Standing &job, const std::string &late, Clock::time_point now, const Found &found)
{
    if (!job.past_is_known)
        found(Severity::unknown, "what came of its runs is for root and the group igotchuu to see");
    else if (job.outcome && severity_of(*job.outcome) != Severity::fine)
        found(severity_of(*job.outcome), said_of_end(*job.outcome, now - job.ended, job.message, remedy("log", job)));
    else if (job.ran && severity_of(job.ran->outcome) != Severity::fine)
        found(severity_of(job.ran->outcome),
              "it could not run since the run that ended as " +
                  said_of_end(job.ran->outcome, now - job.ran->ended, job.ran->message, log_of(*job.ran)));
    else if (!late.empty())
        found(Severity::warning, late);
    else if (!job.last_success && job.doing == Doing::idle)
        found(Severity::warning, std::format("there is no backup yet ({})", remedy("start", job)));
}

template <typename Found>
void judge_sent(const Standing &job, Clock::time_point now, const Found &found)
{
    if (!job.sent || severity_of(job.sent->outcome) == Severity::fine)
        return;
    const auto &run = *job.sent;
    found(severity_of(run.outcome),
          "what is kept was sent, and that ended as " + said_of_end(run.outcome, now - run.ended, run.message, log_of(run)));
}

/// "full, 5,210 files (1.2 GiB), 20 of them restored"
std::string compared(const LastProven &proven)
{
    if (proven.extent != Extent::full)
        return std::format("{}, {} restored", to_string(proven.extent), counted(proven.restored, "file", "files"));
    return std::format("{}, {} ({}), {} of them restored", to_string(proven.extent), counted(proven.files, "file", "files"),
                       bytes_text(proven.bytes), number_text(proven.restored));
}

std::vector<Cell> row_of(const Judged &judged, Clock::time_point now)
{
    const auto &[job, verdict] = judged;
    const auto tone = tone_of(verdict.severity);
    const auto past = [&](const std::string &text) { return job.past_is_known ? text : "?"; };
    return {{printable(job.name), Tone::plain},
            {verdict.late && verdict.severity == Severity::warning ? "late" : std::string{to_string(verdict.severity)}, tone},
            {doing_now(job), Tone::plain},
            {past(job.outcome ? std::format("{} {}", to_string(*job.outcome), ago(now - job.ended)) : "never"), Tone::plain},
            {past(ago_or_never(job.last_success, now)), Tone::plain},
            {past(ago_or_never(job.last_proven, now)), Tone::plain},
            {next_of(job.schedule, now), Tone::plain}};
}

/// One that no file describes any more is not run: what came of its runs asks for nothing else.
Verdict judge_orphan(const Standing &job)
{
    if (job.schedule.state == Schedule::State::on)
        return {.severity = Severity::critical, .why = "its file is gone, and its timer is not (igotchuu reload)"};
    const auto record = StateDirectories{}.records / (job.instance + ".json");
    return {.severity = Severity::warning,
            .why = std::format("its file is gone, and nothing is backed up any more (put it back; or, to end the job: rm {})",
                               shell_word(record.native()))};
}

} // namespace

std::string_view to_string(Doing doing)
{
    constexpr std::array<std::string_view, 5> words{"idle", "waiting", "starting", "running", "stopping"};
    return words[static_cast<std::size_t>(doing)];
}

std::string_view to_string(Severity severity)
{
    constexpr std::array<std::string_view, 4> words{"ok", "warning", "critical", "unknown"};
    return words[static_cast<std::size_t>(severity)];
}

std::string ago(Clock::duration age)
{
    return age < 5s ? "just now" : rough(age) + " ago"; // the clock may have been set back
}

std::string until(Clock::duration left)
{
    return left < 1s ? "now" : "in " + rough(left);
}

Verdict judge(const Standing &job, Clock::time_point now)
{
    if (job.is_orphan)
        return judge_orphan(job);
    const auto late = lateness(job, now);
    Verdict verdict{.severity = Severity::fine, .late = !late.empty()};
    const auto found = [&](Severity severity, std::string why) {
        if (rank(severity) <= rank(verdict.severity))
            return;
        verdict.severity = severity;
        verdict.why = std::move(why);
    };
    if (!job.fault.empty())
        found(Severity::critical, std::format("{} (igotchuu validate)", printable(job.fault, 300)));
    for (const auto &trouble : job.troubles)
        found(trouble.severity, trouble.why);
    if (!job.outcome) // else what came of the last run says more
        judge_schedule(job, found);
    judge_runs(job, late, now, found);
    judge_sent(job, now, found);
    if (job.activity && job.activity->started > Clock::time_point{} && now - job.activity->started > runs_well)
        found(Severity::warning, std::format("it has run for {} ({})", rough(now - job.activity->started), remedy("watch", job)));
    judge_schedule(job, found);
    for (const auto &result : job.retentions)
        if (is_refusal(result.retention->hold))
            found(Severity::warning, std::format("no old snapshot is removed from {}: {}", printable(result.repository),
                                                 why_held(job.name, *result.retention)));
    for (const auto &repository : job.unconfirmed) // last: no backup is the worse for it
        found(Severity::warning, nag_about_recovery_key(repository));
    return verdict;
}

std::vector<Judged> worst_first(std::vector<Standing> standings, Clock::time_point now)
{
    std::vector<Judged> jobs;
    for (auto &standing : standings) {
        auto verdict = judge(standing, now);
        jobs.push_back({std::move(standing), std::move(verdict)});
    }
    std::ranges::sort(jobs, {}, [](const Judged &job) {
        return std::tuple{-rank(job.verdict.severity), !job.verdict.late, job.standing.last_success.value_or(Clock::time_point{}),
                          std::string_view{job.standing.name}};
    });
    return jobs;
}

Severity worst_of(const std::vector<Judged> &jobs)
{
    if (jobs.empty())
        return Severity::unknown;
    return std::ranges::max(jobs, {}, [](const Judged &job) { return rank(job.verdict.severity); }).verdict.severity;
}

std::string summary(const std::vector<Judged> &jobs)
{
    constexpr std::size_t names_max = 5;
    if (jobs.empty())
        return "unknown: there is no job yet";
    std::string text;
    for (const auto severity : {Severity::critical, Severity::warning, Severity::unknown}) {
        std::vector<std::string> names;
        for (const auto &job : jobs)
            if (job.verdict.severity == severity)
                names.push_back(printable(job.standing.name));
        if (names.empty())
            continue;
        text += std::format("{}{}: {} of {} (", text.empty() ? "" : "; ", to_string(severity), names.size(),
                            counted(jobs.size(), "job", "jobs"));
        for (std::size_t at = 0; at < std::min(names.size(), names_max); ++at)
            text += (at == 0 ? "" : ", ") + names[at];
        text += names.size() > names_max ? ", …)" : ")";
    }
    return text.empty() ? std::format("ok: {}", counted(jobs.size(), "job", "jobs")) : text;
}

std::string_view welcome()
{
    return "There is no job yet. The first one, of /home:\n"
           "    igotchuu new home /home\n"
           "See igotchuu --help, igotchuu(1), igotchuu(7).\n";
}

std::vector<std::string> proofs_of(const Standing &job, Clock::time_point now)
{
    std::vector<std::string> lines;
    for (const auto &one : job.proven)
        lines.push_back(std::format("proven in {} {}: {}; snapshot {} of {}", printable(one.repository), ago(now - one.proven),
                                    compared(one), one.snapshot_id.substr(0, 8), time_text(one.instant)));
    if (job.is_to_be_proved && job.past_is_known)
        for (const auto &repository : job.repositories)
            if (!std::ranges::contains(job.proven, repository, &LastProven::repository))
                lines.push_back(std::format("nothing in {} was ever proven", printable(repository)));
    return lines;
}

Table table_of(const std::vector<Judged> &jobs, Clock::time_point now)
{
    Table table;
    std::vector<Cell> headings;
    for (const auto *const heading : {"JOB", "STATUS", "NOW", "LAST RUN", "SUCCESS", "PROVEN", "NEXT"})
        headings.push_back({heading, Tone::heading});
    table.row(std::move(headings));
    for (const auto &job : jobs)
        table.row(row_of(job, now));
    return table;
}

} // namespace igotchuu
