// SPDX-License-Identifier: MIT
#include "exec/report/maintenance-report.hpp"

#include "exec/report/channels.hpp"
#include "exec/report/faults.hpp"
#include "exec/report/message-id.hpp"
#include "exec/report/notify.hpp"
#include "exec/report/result.hpp"
#include "exec/report/state-file.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/recovery-key.hpp"
#include "job/state-files.hpp"
#include "job/status-text.hpp"

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <format>
#include <iterator>
#include <utility>

namespace igotchuu
{
namespace
{

using std::chrono::steady_clock;

/// Between two words about progress to systemd.
constexpr std::chrono::milliseconds pause{500};

OutcomeEntry maintenance_entry_of(Outcome outcome)
{
    auto entry = entry_of(outcome);
    switch (outcome) {
    case Outcome::success:
        entry.message_id = message_id::maintenance_completed;
        break;
    case Outcome::stopped:
        entry.message_id = message_id::maintenance_stopped;
        break;
    case Outcome::not_now:
        entry.message_id = message_id::maintenance_put_off;
        break;
    case Outcome::bad_configuration:
        entry.message_id = message_id::maintenance_bad_configuration;
        break;
    default:
        entry.message_id = message_id::maintenance_failed;
    }
    return entry;
}

std::chrono::microseconds duration_of(const MaintenanceRun &run)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(run.ended - run.started);
}

/// Without the reason, which may say what restic said: systemd tells STATUS= to everybody.
std::string public_sentence(std::string_view name, const MaintenanceRun &run)
{
    const auto time = duration_text(duration_of(run));
    switch (run.outcome) {
    case Outcome::success:
        return std::format("Maintenance of {} complete: {} freed, part {} of {} read and checked, in {}", name,
                           bytes_text(run.bytes_freed), run.part, run.parts, time);
    case Outcome::stopped:
        return std::format("Maintenance of {} stopped, as was asked, after {}", name, time);
    case Outcome::not_now:
        return std::format("Maintenance of {} cannot run now", name);
    case Outcome::bad_configuration:
        return std::format("Maintenance of {} cannot start", name);
    case Outcome::killed:
        return std::format("Maintenance of {} was killed", name);
    default:
        return std::format("Maintenance of {} failed after {}", name, time);
    }
}

Fields fields_of(const MaintenanceRun &run)
{
    return {{"IGOTCHUU_OUTCOME", std::string{to_string(run.outcome)}},
            {"IGOTCHUU_DURATION_USEC", std::to_string(duration_of(run).count())},
            {"IGOTCHUU_PRUNE_USEC", std::to_string(run.prune.count())},
            {"IGOTCHUU_CHECK_USEC", std::to_string(run.check.count())},
            {"IGOTCHUU_BYTES_FREED", std::to_string(run.bytes_freed)},
            {"IGOTCHUU_PART", std::to_string(run.part)},
            {"IGOTCHUU_PARTS", std::to_string(run.parts)},
            {"IGOTCHUU_RESTIC_STARTS", std::to_string(run.restic_starts)}};
}

/// To systemd, journal and terminal.
void say_last(Channels &all, const MaintenanceRun &run)
{
    all.attempt(Channel::systemd, [&] { notify_status(public_sentence(all.name(), run)); });
    const auto entry = maintenance_entry_of(run.outcome);
    all.say(entry.priority, entry.message_id, maintenance_sentence(all.name(), run), fields_of(run), entry.tone);
}

void keep(Channels &all, const StateDirectories &where, std::string_view instance, RepositoryRecord record,
          const MaintenanceRun &run)
{
    add(record, run);
    all.attempt(Channel::record, [&] { write(where, instance, record); });
}

} // namespace

void add(RepositoryRecord &record, const MaintenanceRun &run)
{
    auto &history = record.history;
    std::erase_if(history, [&](const MaintenanceRun &other) { // or nothing would be put off for too long until that time
        return other.outcome == Outcome::not_now && other.started > run.started + clock_error_max;
    });
    const auto waited = [&](std::size_t index) { return history[index].outcome == Outcome::not_now; };
    if (run.outcome == Outcome::not_now && history.size() > 1 && waited(0) && waited(1))
        history.erase(history.begin()); // a month in a drawer is not a history of a hundred tries
    history.insert(history.begin(), run);
    if (run.outcome == Outcome::success)
        record.last_success = run;
}

std::optional<Clock::time_point> waits_since(const RepositoryRecord &record)
{
    const auto end =
        std::ranges::find_if(record.history, [](const MaintenanceRun &run) { return run.outcome != Outcome::not_now; });
    if (end == record.history.begin())
        return {};
    return std::prev(end)->started;
}

std::string maintenance_sentence(std::string_view name, const MaintenanceRun &run)
{
    return public_sentence(name, run) + (run.message.empty() ? "" : ": " + run.message);
}

struct MaintenanceReport::Channels : igotchuu::Channels {
    Channels(const Repository &of, std::string_view its_instance, const std::string &invocation_id, StateDirectories directories)
        : igotchuu::Channels{printable(of.name), maintenance_fields(of.name, its_instance, invocation_id)}, repository{of},
          instance{its_instance}, where{std::move(directories)}
    {
    }

    void publish(const std::string &words)
    {
        published = steady_clock::now();
        attempt(Channel::systemd, [&] { notify_status(capitalised(words)); });
    }
    [[nodiscard]] std::string line(const std::string &words) const { return std::format("{}: {}", name(), words); }

    const Repository &repository;
    std::string instance;
    StateDirectories where;
    std::string step;
    steady_clock::time_point began = steady_clock::now(), published{};
};

MaintenanceReport::MaintenanceReport(const Repository &repository, std::string_view instance, const std::string &invocation_id,
                                     StateDirectories where)
    : channels_{std::make_unique<Channels>(repository, instance, invocation_id, std::move(where))}
{
    const auto from = repository.embedded() ? std::string{} : std::format(" ({})", printable(repository.file));
    channels_->say(LOG_INFO, message_id::maintenance_started,
                   std::format("Maintenance of the repository {} begins{}", channels_->name(), from));
}

MaintenanceReport::~MaintenanceReport() = default;

void MaintenanceReport::step(const std::string &what)
{
    channels_->step = what;
    channels_->publish(what);
    channels_->show([&](Terminal &terminal) { terminal.step(channels_->line(what)); });
}

void MaintenanceReport::progress(std::string_view words)
{
    if (steady_clock::now() - channels_->published < pause)
        return;
    const auto text = std::format("{}: {}", channels_->step, printable(words));
    channels_->publish(text);
    channels_->show([&](Terminal &terminal) { terminal.progress(channels_->line(text)); });
}

void MaintenanceReport::complaint(const std::string &line)
{
    channels_->complain(line);
}

void MaintenanceReport::stands_still(pid_t process, int signal)
{
    channels_->stands_still(process, signal, "the repository is held");
}

void MaintenanceReport::detail(const std::string &what)
{
    channels_->log(LOG_DEBUG, {}, printable(what));
}

void MaintenanceReport::unlocked(std::size_t locks)
{
    channels_->say(LOG_NOTICE, message_id::locks_removed,
                   std::format("{} in the repository {}: restic was asked to remove those that are stale",
                               counted(locks, "lock was", "locks were"), channels_->name()));
}

void MaintenanceReport::damaged(const std::string &sentence)
{
    channels_->say(LOG_ERR, message_id::repository_damaged, capitalised(sentence), {}, Tone::bad);
}

void MaintenanceReport::recovery_key_unconfirmed()
{
    channels_->say(LOG_WARNING, message_id::recovery_key_unconfirmed,
                   capitalised(nag_about_recovery_key(channels_->repository.name)), {}, Tone::warning);
}

void MaintenanceReport::recovery_key_gone(const std::string &sentence)
{
    channels_->say(LOG_WARNING, message_id::recovery_key_gone, capitalised(sentence), {}, Tone::warning);
}

void MaintenanceReport::finish(RepositoryRecord record, MaintenanceRun run)
{
    auto &all = *channels_;
    run.ended = Clock::now();
    run.started = run.ended - (steady_clock::now() - all.began); // not what the clock showed then: it may have been set since
    run.message = printable(run.message);
    record.repository = all.repository.name;
    record.file = all.repository.file;
    keep(all, all.where, all.instance, std::move(record), run); // first: whoever kills us from here on finds the truth in it
    all.show([](Terminal &terminal) { terminal.end_live(); });
    say_last(all, run);
}

void report_bad_repository(std::string_view instance, const std::string &invocation_id, const std::string &text,
                           const StateDirectories &where)
{
    Channels all{printable(instance), maintenance_fields(instance, instance, invocation_id)};
    const auto [for_record, for_last_word] = say_faults(all, text);
    const auto now = Clock::now();
    MaintenanceRun run{.invocation_id = invocation_id, .started = now, .ended = now, .outcome = Outcome::bad_configuration};
    run.message = for_record;
    auto record = read_repository_record(where, instance).value_or(RepositoryRecord{});
    if (record.repository.empty())
        record.repository = instance;
    keep(all, where, instance, std::move(record), run);
    run.message = for_last_word;
    say_last(all, run);
}

void report_silent_maintenance(std::string_view instance, const std::string &invocation_id, Outcome outcome, const std::string &why,
                               const StateDirectories &where)
{
    auto record = read_repository_record(where, instance).value_or(RepositoryRecord{});
    if (std::ranges::contains(record.history, invocation_id, &MaintenanceRun::invocation_id))
        return;
    if (record.repository.empty())
        record.repository = instance;
    Channels all{printable(record.repository), maintenance_fields(record.repository, instance, invocation_id)};
    const auto now = Clock::now();
    const MaintenanceRun run{.invocation_id = invocation_id, .started = now, .ended = now, .outcome = outcome, .message = why};
    keep(all, where, instance, std::move(record), run);
    say_last(all, run);
}

} // namespace igotchuu
