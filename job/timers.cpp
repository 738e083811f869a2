// SPDX-License-Identifier: MIT
#include "job/timers.hpp"

#include "job/load.hpp"
#include "job/schedule.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>

namespace igotchuu
{

namespace
{

bool is_loaded(const KnownTimer &timer)
{
    return timer.load_state == "loaded";
}

bool is_at_work(const KnownTimer &timer)
{
    return timer.active_state == "active" || timer.active_state == "failed";
}

bool is_orphan(const KnownTimer &timer, const WantedTimers &wanted)
{
    if (timer.load_state == "masked" || !is_at_work(timer))
        return false;
    return !is_loaded(timer) || (!wanted.contains(timer.name) && is_made_by_generator(timer));
}

/// It could run before the reload, and did not. One that has never run is new.
bool was_stopped(const KnownTimer *before, const KnownTimer *now)
{
    return before != nullptr && is_loaded(*before) && before->active_state == "inactive" && now != nullptr && now->has_run;
}

const KnownTimer *find(const std::vector<KnownTimer> &sorted, const std::string &name)
{
    const auto found = std::ranges::lower_bound(sorted, name, {}, &KnownTimer::name);
    return found == sorted.end() || found->name != name ? nullptr : &*found;
}

std::vector<KnownTimer> by_name(std::vector<KnownTimer> timers)
{
    std::ranges::sort(timers, {}, &KnownTimer::name);
    return timers;
}

} // namespace

bool is_made_by_generator(const KnownTimer &timer)
{
    const auto &file = timer.fragment_path;
    return (file.starts_with("/run/systemd/generator") || file.contains("@.")) && !timer.unit_file_state.starts_with("enabled");
}

WantedTimers wanted_timers(const SearchPath &path)
{
    WantedTimers wanted;
    for (const auto &loaded : load_jobs(path).jobs) {
        if (!loaded.job || has_schedule(loaded.job->timer))
            wanted[timer_of(loaded.instance)] = loaded.job.has_value();
        if (!loaded.job || loaded.job->objective > std::chrono::hours{0})
            wanted[fresh_timer_of(loaded.instance)] = loaded.job.has_value();
    }
    for (const auto &loaded : load_repositories(path).repositories)
        if (!loaded.repository || (loaded.repository->maintained && has_schedule(loaded.repository->maintenance.timer)))
            wanted[maintenance_timer_of(loaded.instance)] = loaded.repository.has_value();
    return wanted;
}

TimerQuestion question_about(const KnownTimer &timer, const WantedTimers &wanted)
{
    if (!is_loaded(timer))
        return TimerQuestion::none;
    if (wanted.contains(timer.name))
        return timer.active_state == "inactive" ? TimerQuestion::past : TimerQuestion::none;
    return is_at_work(timer) ? TimerQuestion::origin : TimerQuestion::none;
}

TimerPlan plan_timers(const WantedTimers &wanted, const std::vector<KnownTimer> &before, const std::vector<KnownTimer> &now)
{
    TimerPlan plan;
    for (const auto &timer : now)
        if (is_orphan(timer, wanted))
            (wanted.contains(timer.name) ? plan.unusable : plan.gone).push_back(timer.name);
    const auto earlier = by_name(before), later = by_name(now);
    for (const auto &[name, surely] : wanted) {
        const auto *const timer = find(later, name);
        const bool is_there =
            timer != nullptr && is_loaded(*timer); // one that timers.target wants is loaded, and one that nothing wants is not
        if (is_there && timer->active_state == "active")
            continue;
        if (was_stopped(find(earlier, name), timer))
            plan.stay.push_back(name);
        else if (surely || is_there)
            plan.start.push_back(name);
    }
    return plan;
}

} // namespace igotchuu
