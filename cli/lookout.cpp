// SPDX-License-Identifier: MIT
#include "cli/lookout.hpp"

#include "job/diagnostic.hpp"
#include "job/load.hpp"
#include "job/schedule.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <format>
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

/// By root's eyes alone: that is no fault of the file.
bool is_private(const LoadedJob &loaded)
{
    return std::ranges::any_of(loaded.files, [](const std::string &file) { return !may_read(file); });
}

std::string name_of(const LoadedJob &loaded)
{
    return loaded.job ? loaded.job->name : std::filesystem::path{loaded.files.front()}.stem().native();
}

bool is_over(const Systemd::Unit &unit)
{
    return unit.active_state == "inactive" || unit.active_state == "failed";
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

void see_past(Standing &standing, const Record &record)
{
    if (!record.history.empty()) {
        const auto &last = record.history.front();
        standing.outcome = last.outcome;
        standing.started = last.started;
        standing.ended = last.ended;
        standing.message = last.message;
        standing.invocation_id = last.invocation_id;
    }
    if (record.last_success)
        standing.last_success = fresh_as_of(*record.last_success);
    for (const auto &one : record.proven)
        standing.last_proven = std::max(standing.last_proven, std::optional{one.proven});
    standing.waits_since = record.waits_since;
}

} // namespace

Lookout::Lookout() : reads_state_{may_read(where_.records) && may_read(where_.activity)}
{
    try {
        systemd_.emplace();
    } catch (const sdbus::Error &error) {
        blind_spots_.push_back(std::format("systemd cannot be asked when jobs run next ({})", printable(error.getMessage())));
    }
    if (reads_state_)
        return;
    try {
        igotchuud_.emplace();
    } catch (const Failure &failure) {
        blind_spots_.emplace_back(failure.what());
    }
}

std::vector<Standing> Lookout::all()
{
    Instances with_timers;
    std::vector<Standing> standings;
    try {
        standings = with_files(with_timers);
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
    see_schedules(standings, with_timers);
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

std::vector<Standing> Lookout::with_files(Instances &with_timers) const
{
    std::vector<Standing> standings;
    for (const auto &loaded : load_jobs(SearchPath::standard()).jobs) {
        auto &standing = standings.emplace_back(Standing{.name = name_of(loaded), .instance = loaded.instance});
        if (!loaded.job && !is_private(loaded))
            standing.fault = to_string(loaded.job.error().diagnostics().front());
        if (loaded.job && !loaded.job->timer.empty())
            with_timers.insert(loaded.instance);
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
        if (const auto record = read_newest(where_, instance);
            record && record->file.empty()) // else its file is gone, and it never runs again
            standings.push_back({.name = instance, .instance = instance, .has_file = false});
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
        const auto units =
            systemd_ ? systemd_->units({"igotchuu@*.service", "igotchuu-send@*.service"}) : std::vector<Systemd::Unit>{};
        for (auto &standing : standings)
            see_run(standing, units);
        return;
    }
    for (auto &standing : standings) {
        const auto found = std::ranges::find(told, standing.instance, &Standing::instance);
        standing.past_is_known = found != told.end();
        if (standing.past_is_known) {
            auto fault = std::move(standing.fault);
            standing = *found;
            standing.fault = std::move(fault);
        }
    }
}

void Lookout::see_run(Standing &standing, const std::vector<Systemd::Unit> &units)
{
    if (const auto record = read_newest(where_, standing.instance))
        see_past(standing, *record);
    const auto *unit = find(units, service_of(standing.instance));
    if (const auto *sends = find(units, send_service_of(standing.instance)); sends != nullptr && doing_of(unit) == Doing::idle)
        unit = sends;
    standing.doing = systemd_ || !standing.waits_since ? doing_of(unit) : Doing::waiting;
    if (auto activity = read_activity(where_, standing.instance); activity && is_true(*activity, unit)) {
        standing.activity = std::move(activity);
        standing.doing = standing.doing == Doing::stopping ? Doing::stopping : Doing::running;
    }
}

/// A run that was killed may have left it. One by hand has an invocation of its own.
bool Lookout::is_true(const Activity &activity, const Systemd::Unit *unit)
{
    if (unit != nullptr && systemd_->invocation_id(*unit) == activity.invocation_id)
        return !is_over(*unit);
    return activity.process > 0 && (kill(activity.process, 0) == 0 || errno == EPERM);
}

void Lookout::see_schedules(std::vector<Standing> &standings, const Instances &with_timers)
{
    if (!systemd_)
        return;
    auto timers = systemd_->units({"igotchuu@*.timer"});
    std::erase_if(timers,
                  [](const Systemd::Unit &timer) { return timer.active_state != "active" || timer.load_state != "loaded"; });
    const auto schedules = systemd_->schedules(timers);
    for (auto &standing : standings) {
        if (const auto *const timer = find(timers, timer_of(standing.instance)))
            standing.schedule = schedules[static_cast<std::size_t>(timer - timers.data())];
        else
            standing.schedule.state = with_timers.contains(standing.instance) ? Schedule::State::off : Schedule::State::none;
    }
}

} // namespace igotchuu
