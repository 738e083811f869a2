// SPDX-License-Identifier: MIT
#include "exec/notify/happening.hpp"

#include "exec/report/maintenance-report.hpp"
#include "exec/report/result.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace igotchuu
{

namespace
{

constexpr std::string_view of_backup = "igotchuu@", of_sending = "igotchuu-send@", of_freshness = "igotchuu-fresh@",
                           of_maintenance = "igotchuu-maintenance@", of_verification = "igotchuu-verify";

Happening told(const Subject &subject, std::string_view name, const Run &run)
{
    Happening happening{.subject = subject,
                        .name = printable(name),
                        .occasion = {},
                        .outcome = std::string{to_string(run.outcome)},
                        .invocation_id = run.invocation_id,
                        .sentence = printable(result_sentence(printable(name), run)),
                        .started = run.started,
                        .ended = run.ended,
                        .numbers = {}};
    if (run.repositories.size() > 1)
        for (const auto &result : run.repositories)
            happening.numbers.push_back(printable(result_sentence(happening.name, result)));
    if (!run.repositories.empty())
        for (const auto &line : result_table(run))
            happening.numbers.push_back(printable(line));
    return happening;
}

Happening told(const Subject &subject, std::string_view name, const MaintenanceRun &run)
{
    return {.subject = subject,
            .name = printable(name),
            .occasion = {},
            .outcome = std::string{to_string(run.outcome)},
            .invocation_id = run.invocation_id,
            .sentence = printable(maintenance_sentence(printable(name), run)),
            .started = run.started,
            .ended = run.ended,
            .numbers = {}};
}

/// One that is pending has been a good one for each repository that was there.
Outcome counted(const Run &run)
{
    return succeeded(run) ? Outcome::success : run.outcome;
}
Outcome counted(const MaintenanceRun &run)
{
    return run.outcome;
}

/// Of a record: the run of that invocation; without one the last.
template <typename Kind>
std::optional<std::pair<Happening, Outcome>> find(const Subject &subject, std::string_view name, const std::vector<Kind> &history,
                                                  const std::optional<std::string> &invocation_id)
{
    const auto run = invocation_id ? std::ranges::find(history, *invocation_id, &Kind::invocation_id) : history.begin();
    if (run == history.end())
        return {};
    return std::pair{told(subject, name.empty() ? subject.instance : name, *run), counted(*run)};
}

std::optional<std::pair<Happening, Outcome>> recorded(const Subject &subject, const StateDirectories &where,
                                                      const std::optional<std::string> &invocation_id)
{
    if (subject.is_look()) // the repository is the record, and systemd
        return {};
    if (subject.kind != Subject::Kind::maintenance) {
        const auto record = read_record(where, subject.instance).value_or(Record{});
        const auto *own = subject.kind == Subject::Kind::backup ? last_own_run(record) : nullptr;
        return find(subject, record.job, record.history,
                    invocation_id || own == nullptr ? invocation_id : std::optional{own->invocation_id});
    }
    const auto record = read_repository_record(where, subject.instance).value_or(RepositoryRecord{});
    return find(subject, record.repository, record.history, invocation_id);
}

std::optional<Occasion> occasion_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return Occasion::success;
    case Outcome::stopped:
        return Occasion::stopped;
    case Outcome::not_now:
    case Outcome::pending:
        return {};
    case Outcome::partial:
    case Outcome::failed:
    case Outcome::disproved:
    case Outcome::killed:
    case Outcome::bad_configuration:
        return Occasion::failure;
    }
    std::unreachable();
}

/// What systemd saw, for a run that has no record.
Outcome outcome_of(const ServiceEnd &end)
{
    if (end.killed())
        return Outcome::killed;
    for (const auto outcome : outcomes)
        if (end.code == "exited" && end.status == std::to_string(std::to_underlying(exit_status(outcome))))
            return outcome == Outcome::success && end.result != "success" ? Outcome::failed : outcome;
    return Outcome::failed;
}

std::string words_of(const ServiceEnd &end, const std::string &service)
{
    if (end.result.empty())
        return std::format(
            "was not started: something that its unit requires has failed, or it was started too often; to see what: "
            "journalctl -u '{}'",
            service);
    const auto reason = std::format("systemctl status '{}' and journalctl -x -u '{}' have the reason", service, service);
    if (end.killed())
        return std::format("was killed by SIG{} ({}); {}", end.status, end.result, reason);
    if (end.code.empty())
        return std::format("failed: systemd could not start it ({}); {}", end.result, reason);
    return std::format("{} ({}, exit status {}), and has no record; {}",
                       end.result == "success" ? "is complete"
                       : end.could_not_begin() ? "failed: systemd could not start it"
                                               : "failed",
                       end.result, end.status, reason);
}

/// A look at how fresh a backup is has no record, and its log says all of it.
std::string words_of_look(const ServiceEnd &end, const std::string &name, const std::string &service)
{
    if (end.result == "success")
        return std::format("The backup of {} is fresh", name);
    if (end.code == "exited" && end.status == "1")
        return std::format("The backup of {} is too old, or nobody knows how old it is; the log of {} says why", name, service);
    return std::format("The look at how fresh the backup of {} is {}", name, words_of(end, service));
}

/// Nor has a look what systemd made of the units.
std::string words_of_verification(const ServiceEnd &end, const std::string &service)
{
    if (end.result == "success")
        return "Every job has its units, and every schedule a next time";
    if (end.code == "exited" && end.status == "78")
        return std::format(
            "Units or schedules of igotchuu are wrong, or something is kept that nobody sends: there may be a backup "
            "that never runs. The log of {} says what",
            service);
    return std::format("The check of igotchuu's units and schedules {}", words_of(end, service));
}

std::string words_for(const Subject &subject, const ServiceEnd &end, const std::string &name)
{
    if (subject.kind == Subject::Kind::freshness)
        return words_of_look(end, name, subject.service());
    if (subject.kind == Subject::Kind::verification)
        return words_of_verification(end, subject.service());
    return std::format("{} of {} {}", subject.kind == Subject::Kind::maintenance ? "Maintenance" : "Backup", name,
                       words_of(end, subject.service()));
}

Happening unrecorded(const Subject &subject, const ServiceEnd &end)
{
    const auto name = printable(subject.instance);
    return {.subject = subject,
            .name = name,
            .occasion = {},
            .outcome = std::string{to_string(outcome_of(end))},
            .invocation_id = end.invocation_id,
            .sentence = printable(words_for(subject, end, name)),
            .started = {},
            .ended = {},
            .numbers = {}};
}

/// Whether systemd's result says more than the outcome: a success whose clean-up failed, a time limit that stopped the run, tries that were given up.
bool is_worse(const ServiceEnd &end, Outcome outcome)
{
    if (end.result == "success")
        return false;
    switch (outcome) {
    case Outcome::success:
        return true;
    case Outcome::stopped:
        return end.result == "timeout";
    case Outcome::not_now:
        return end.result != "exit-code";
    default:
        return false;
    }
}

} // namespace

std::string Subject::service() const
{
    switch (kind) {
    case Kind::backup:
        return service_of(instance);
    case Kind::sending:
        return send_service_of(instance);
    case Kind::freshness:
        return fresh_service_of(instance);
    case Kind::maintenance:
        return maintenance_service_of(instance);
    case Kind::verification:
        return std::string{of_verification} + ".service";
    }
    std::unreachable();
}

std::string Subject::timer() const
{
    switch (kind) {
    case Kind::backup:
    case Kind::sending:
        return timer_of(instance);
    case Kind::freshness:
        return fresh_timer_of(instance);
    case Kind::maintenance:
        return maintenance_timer_of(instance);
    case Kind::verification:
        return {};
    }
    std::unreachable();
}

Subject subject_of(std::string_view unit)
{
    constexpr std::string_view suffix = ".service";
    auto name = unit;
    if (name.ends_with(suffix))
        name.remove_suffix(suffix.size());
    for (const auto &[prefix, kind] :
         {std::pair{of_backup, Subject::Kind::backup}, std::pair{of_sending, Subject::Kind::sending},
          std::pair{of_freshness, Subject::Kind::freshness}, std::pair{of_maintenance, Subject::Kind::maintenance}})
        if (name.starts_with(prefix) && name.size() > prefix.size() && !name.contains('/'))
            return {kind, std::string{name.substr(prefix.size())}};
    if (name == of_verification)
        return {Subject::Kind::verification, {}};
    throw Failure{
        std::format("\"{}\" is none of igotchuu@JOB, igotchuu-fresh@JOB, igotchuu-maintenance@REPOSITORY and igotchuu-verify",
                    printable(unit))};
}

Happening end_of(const Subject &subject, const ServiceEnd &end, const StateDirectories &where)
{
    auto known = end.invocation_id.empty() ? std::nullopt : recorded(subject, where, end.invocation_id);
    const bool is_recorded = known.has_value();
    auto [happening, outcome] = is_recorded ? *std::move(known) : std::pair{unrecorded(subject, end), outcome_of(end)};
    happening.occasion = occasion_of(outcome);
    if (is_worse(end, outcome)) {
        happening.occasion = Occasion::failure;
        happening.outcome = to_string(Outcome::failed);
        if (is_recorded)
            happening.sentence +=
                std::format("; but its unit has failed ({}): systemctl status '{}'", end.result, subject.service());
    }
    return std::move(happening);
}

std::optional<Happening> last_end_of(const Subject &subject, const StateDirectories &where)
{
    auto known = recorded(subject, where, {});
    if (!known)
        return {};
    known->first.occasion = occasion_of(known->second);
    return std::move(known->first);
}

} // namespace igotchuu
