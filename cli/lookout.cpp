// SPDX-License-Identifier: MIT
#include "cli/lookout.hpp"

#include "cli/shell.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/load.hpp"
#include "job/schedule.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <map>
#include <optional>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

bool may_read(const std::filesystem::path &path)
{
    return access(path.c_str(), R_OK) == 0 || errno != EACCES;
}

/// What whoever asks may not read is no fault of the file.
bool is_private(const Diagnostic &fault)
{
    return !fault.file.empty() && !may_read(fault.file);
}

void see_file(Standing &standing, const ConfigError &error)
{
    const auto &faults = error.diagnostics();
    const auto fault = std::ranges::find_if_not(faults, is_private);
    if (fault != faults.end())
        standing.fault = to_string(*fault);
    if (std::ranges::none_of(faults, is_private))
        standing.wants_timer = true; // of a broken file the generator makes a daily one
}

void see_repositories(Standing &standing, const Job &job)
{
    for (const auto &repository : job.repositories)
        standing.repositories.push_back(repository.name);
    standing.is_to_be_proved = job.prove.extent != Extent::off;
}

/// Where a job without a file goes to is in defaults.toml. What is wrong with that is no fault of the job.
void see_defaults(Standing &standing)
try {
    see_repositories(standing, implicit_job(SearchPath::standard()));
} catch (const ConfigError &) {
}

void see_file(Standing &standing, const Job &job)
{
    standing.wants_timer = has_schedule(job.timer);
    standing.objective = job.objective;
    see_repositories(standing, job);
}

void see_repository(Standing &standing, const RepositoryRecord &record)
{
    if (record.recovery_key && !record.recovery_key->confirmed)
        standing.unconfirmed.push_back(record.repository);
    const auto name = printable(record.repository);
    const auto remedy = std::format("igotchuu repository status {}", shell_word(name));
    if (record.damaged)
        standing.troubles.push_back(
            {Severity::critical, std::format("the last check of its repository {} has found faults ({})", name, remedy)});
    else if (!record.history.empty() && exit_status(record.history.front().outcome) == ExitStatus::failed)
        standing.troubles.push_back(
            {Severity::warning, std::format("the last maintenance of its repository {} has failed ({})", name, remedy)});
}

std::string name_of(const LoadedJob &loaded)
{
    return loaded.job ? loaded.job->name : std::filesystem::path{loaded.files.front()}.stem().native();
}

bool is_over(const Systemd::Unit &unit)
{
    return unit.active_state == "inactive" || unit.active_state == "failed";
}

/// Its number may be another program's since.
bool is_alive(pid_t process)
{
    std::string name;
    return process > 0 && std::getline(std::ifstream{std::format("/proc/{}/comm", process)}, name) && name == "igotchuu-exec";
}

const Systemd::Unit *find(const std::vector<Systemd::Unit> &units, const std::string &name)
{
    const auto found = std::ranges::find(units, name, &Systemd::Unit::name);
    return found == units.end() ? nullptr : &*found;
}

/// Of a unit whose run has not yet said anything, or says nothing any more.
Doing doing_of(const Systemd::Unit *unit)
{
    if (unit == nullptr || (is_over(*unit) && !unit->has_job))
        return Doing::idle;
    if (unit->sub_state.starts_with("auto-restart"))
        return Doing::waiting;
    return unit->active_state == "deactivating" ? Doing::stopping : Doing::starting;
}

std::string unanswered(const sdbus::Error &error)
{
    return std::format("systemd cannot be asked when jobs run next ({})", printable(error.getMessage()));
}

void see_proofs(Standing &standing, const std::vector<LastProven> &proven)
{
    standing.last_proven = proven_everywhere(proven, standing.repositories);
    standing.proven = proven_in(proven, standing.repositories);
}

void see_past(Standing &standing, const Record &record)
{
    if (const auto *last = last_own_run(record)) {
        standing.outcome = last->outcome;
        standing.started = last->started;
        standing.ended = last->ended;
        standing.message = last->message;
        standing.invocation_id = last->invocation_id;
        if (const auto *ran = last_that_ran(record); ran != last)
            standing.ran = *ran;
        const auto newest = std::ranges::find_if(record.history, [](const Run &run) { return run.outcome != Outcome::not_now; });
        if (newest != record.history.end() && !newest->kept_run.empty())
            standing.sent = *newest;
    }
    if (record.last_success)
        standing.last_success = fresh_as_of(*record.last_success);
    see_proofs(standing, record.proven);
    standing.waits_since = record.waits_since;
    standing.retentions = last_retentions(record);
}

} // namespace

Lookout::Lookout() : reads_state_{may_read(where_.records) && may_read(where_.activity)}
{
    try {
        systemd_.emplace();
    } catch (const sdbus::Error &error) {
        blind_spots_.push_back(unanswered(error));
    }
    if (reads_state_)
        return;
    try {
        igotchuud_.emplace();
    } catch (const Failure &failure) {
        blind_spots_.emplace_back(failure.what());
    }
}

template <typename Ask>
auto Lookout::asked(const Ask &ask)
{
    try {
        if (systemd_)
            return ask(*systemd_);
    } catch (const sdbus::Error &error) {
        blind_spots_.push_back(unanswered(error));
        systemd_.reset();
    }
    return decltype(ask(*systemd_)){};
}

std::vector<Standing> Lookout::all()
{
    std::vector<Standing> standings;
    try {
        standings = with_files();
    } catch (const std::system_error &) {
        if (!igotchuud_) // which may read more than a user
            throw;
    }
    const auto told = told_by_igotchuud();
    for (const auto &job : told)
        if (!std::ranges::contains(standings, job.instance, &Standing::instance))
            standings.push_back(job);
    if (reads_state_)
        add_without_files(standings);
    see_runs(standings, told);
    see_schedules(standings);
    return standings;
}

std::vector<Standing> Lookout::of(const std::vector<JobName> &jobs)
{
    std::vector<Standing> standings;
    for (const auto &job : jobs)
        standings.push_back({.name = job.name, .instance = job.instance, .has_file = !job.file.empty()});
    see_runs(standings, told_by_igotchuud());
    return standings;
}

std::vector<Standing> Lookout::with_files() const
{
    std::vector<Standing> standings;
    std::map<std::string, std::optional<RepositoryRecord>> records;
    const auto loaded = load_jobs(SearchPath::standard());
    for (const auto &fault : loaded.nameless)
        standings.push_back(
            {.name = std::filesystem::path{fault.file}.stem().native(), .fault = to_string(fault), .wants_timer = false});
    for (const auto &one : loaded.jobs) {
        auto &standing = standings.emplace_back(Standing{.name = name_of(one), .instance = one.instance});
        if (!one.job) {
            see_file(standing, one.job.error());
            continue;
        }
        see_file(standing, *one.job);
        for (const auto &repository : one.job->repositories) {
            const auto [known, is_new] = records.try_emplace(repository.name);
            if (is_new && reads_state_)
                known->second = read_repository_record(where_, repository_instance_of(repository.name));
            if (known->second)
                see_repository(standing, *known->second);
        }
    }
    return standings;
}

/// They are known by what came of them.
void Lookout::add_without_files(std::vector<Standing> &standings) const
{
    std::error_code none;
    for (const auto &entry : std::filesystem::directory_iterator{where_.records, none}) {
        const auto instance = entry.path().stem().native();
        if (entry.path().extension() != ".json" || instance.starts_with('.') ||
            std::ranges::contains(standings, instance, &Standing::instance))
            continue;
        const auto record = read_newest(where_, instance);
        if (!record)
            continue;
        auto &standing = standings.emplace_back(Standing{.name = record->file.empty() ? instance : record->job,
                                                         .instance = instance,
                                                         .has_file = false,
                                                         .is_orphan = !record->file.empty(),
                                                         .wants_timer = false});
        if (!standing.is_orphan)
            see_defaults(standing);
    }
}

std::vector<Standing> Lookout::told_by_igotchuud()
try {
    return igotchuud_ ? igotchuud_->jobs() : std::vector<Standing>{};
} catch (const Failure &failure) {
    blind_spots_.emplace_back(failure.what());
    igotchuud_.reset();
    return {};
}

void Lookout::see_runs(std::vector<Standing> &standings, const std::vector<Standing> &told)
{
    if (reads_state_) {
        const auto units = asked([](Systemd &systemd) { return systemd.units({"igotchuu@*.service", "igotchuu-send@*.service"}); });
        for (auto &standing : standings)
            see_run(standing, units);
        return;
    }
    for (auto &standing : standings) {
        const auto found = std::ranges::find(told, standing.instance, &Standing::instance);
        standing.past_is_known = found != told.end();
        if (standing.past_is_known) {
            auto file = std::exchange(standing, *found);
            standing.fault = std::move(file.fault);
            standing.wants_timer = file.wants_timer;
            standing.objective = file.objective;
            for (const auto &name : file.repositories)
                standing.repositories.push_back(printable(name)); // as igotchuud tells it
            standing.is_to_be_proved = file.is_to_be_proved;
            see_proofs(standing, std::exchange(standing.proven, {}));
        }
    }
}

void Lookout::see_run(Standing &standing, const std::vector<Systemd::Unit> &units)
{
    if (standing.instance.empty()) // its file has a name that no unit can have: nothing ever ran
        return;
    const auto record = read_newest(where_, standing.instance).value_or(Record{});
    see_past(standing, record);
    see_kept(standing);
    const auto *unit = find(units, service_of(standing.instance));
    const auto *sends = find(units, send_service_of(standing.instance));
    for (const auto *each : {unit, sends})
        if (each != nullptr)
            see_failure(standing, record, *each);
    if (sends != nullptr && doing_of(unit) == Doing::idle)
        unit = sends;
    standing.doing = systemd_ || !standing.waits_since ? doing_of(unit) : Doing::waiting;
    if (auto activity = read_activity(where_, standing.instance); activity && is_true(*activity, unit)) {
        standing.activity = std::move(activity);
        standing.doing = standing.doing == Doing::stopping ? Doing::stopping : Doing::running;
    }
}

void Lookout::see_failure(Standing &standing, const Record &record, const Systemd::Unit &unit)
{
    if (unit.active_state != "failed" || !left_no_word(record, unit))
        return;
    const auto name = shell_word(unit.name);
    standing.troubles.push_back(
        {Severity::critical, std::format("its unit has failed since its last run, and left no word (journalctl -xu {}; when that "
                                         "is mended: systemctl reset-failed {})",
                                         name, name)});
}

void Lookout::see_kept(Standing &standing)
try {
    standing.kept = read_kept(where_, standing.instance).instants;
} catch (const std::exception &error) {
    standing.troubles.push_back(
        {Severity::unknown, std::format("what is kept for absent repositories cannot be seen ({})", printable(error.what()))});
}

/// A run that was killed may have left it. One by hand has an invocation of its own.
bool Lookout::is_true(const Activity &activity, const Systemd::Unit *unit)
{
    if (unit != nullptr && invocation_of(*unit) == activity.invocation_id)
        return !is_over(*unit);
    return is_alive(activity.process);
}

std::string Lookout::invocation_of(const Systemd::Unit &unit)
try {
    return systemd_->invocation_id(unit);
} catch (const sdbus::Error &) { // it is gone meanwhile
    return {};
}

/// A unit stays failed until it is started again, or reset, whatever came of other runs since: a failure before the last of them is no news. One of a send has
/// runs with ids of their own.
bool Lookout::left_no_word(const Record &record, const Systemd::Unit &unit)
try {
    const auto [began, ended] = systemd_->last_active(unit);
    const auto says_why = [&](const Run &run) {
        const auto status = exit_status(run);
        return run.ended >= began && status != ExitStatus::success && status != ExitStatus::not_now;
    };
    return !record.history.empty() && record.history.front().ended < ended && std::ranges::none_of(record.history, says_why);
} catch (const sdbus::Error &) { // it is gone meanwhile
    return false;
}

void Lookout::see_schedules(std::vector<Standing> &standings)
{
    const auto all = asked([](Systemd &systemd) { return systemd.units({"igotchuu@*.timer"}); });
    auto timers = all;
    std::erase_if(timers,
                  [](const Systemd::Unit &timer) { return timer.active_state != "active" || timer.load_state != "loaded"; });
    const auto schedules = asked([&](Systemd &systemd) { return systemd.schedules(timers); });
    if (!systemd_)
        return;
    for (auto &standing : standings) {
        auto &schedule = standing.schedule;
        const auto *const any = find(all, timer_of(standing.instance));
        if (const auto *const timer = find(timers, timer_of(standing.instance)))
            schedule = schedules[static_cast<std::size_t>(timer - timers.data())];
        else if (!standing.has_file || standing.wants_timer == false)
            schedule.state = Schedule::State::none;
        else if (standing.wants_timer)
            schedule.state = Schedule::State::off;
        if (standing.is_orphan && any != nullptr && any->active_state == "active") // though it is not loaded any more
            schedule.state = Schedule::State::on;
    }
}

} // namespace igotchuu
