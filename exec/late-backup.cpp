// SPDX-License-Identifier: MIT
#include "exec/late-backup.hpp"

#include "exec/freshness.hpp"
#include "exec/programs.hpp"
#include "exec/restic/installation.hpp"
#include "exec/tool.hpp"
#include "exec/troubles.hpp"
#include "exec/unit-properties.hpp"
#include "job/diagnostic.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <format>
#include <iostream>
#include <nlohmann/json.hpp>

namespace igotchuu
{

namespace
{

bool is_under_way(const Job &job)
{
    auto service = unit_properties(service_of(job.instance), "ActiveState,Job");
    return service["ActiveState"] == "activating" || (!service["Job"].empty() && service["Job"] != "0");
}

/// One that has been under way for so long already may go on for days.
bool takes_long(const Job &job)
{
    const auto activity = read_activity({}, job.instance);
    return activity && Clock::now() - activity->started > patience_of(job.objective);
}

/// Under way, or before `then`.
bool comes(const Job &job, Clock::time_point then)
{
    if (is_under_way(job))
        return !takes_long(job);
    return elapses_before(
        output_of({.arguments = {programs::systemctl, "list-timers", "--output=json", "--", timer_of(job.instance)}}), then);
}

} // namespace

std::chrono::minutes patience_of(std::chrono::hours objective)
{
    return std::min(std::chrono::minutes{objective} / 4, std::chrono::minutes{60});
}

bool had_no_chance(const Record &record, std::chrono::hours objective, Clock::time_point now)
{
    if (record.waits_since && now - *record.waits_since > patience_of(objective))
        return false;
    const auto is_past = [&](const Run &run) { return now - instant_of(run) > objective; };
    return std::ranges::all_of(record.history, is_past) && (!record.last_success || is_past(*record.last_success));
}

bool elapses_before(std::string_view list, Clock::time_point then)
{
    const auto timers = nlohmann::json::parse(list, nullptr, false);
    if (!timers.is_array() || timers.empty() || !timers.front().is_object())
        return false;
    const auto next = timers.front().find("next");
    if (next == timers.front().end() || !next->is_number_integer())
        return false;
    const std::chrono::microseconds since_epoch{next->get<std::int64_t>()};
    return since_epoch.count() > 0 && Clock::time_point{since_epoch} < then;
}

void await_late_backup(const Job &job, const StopRequest &stop)
try {
    constexpr int every = 2'000; // ms
    if (found_trouble(restic::Installation::standard().cache_directory, job.instance))
        return;
    const auto patience = patience_of(job.objective);
    const auto until = std::chrono::steady_clock::now() + patience; // a machine that sleeps meanwhile makes no backup
    for (bool said = false;; said = true) {
        const auto left = until - std::chrono::steady_clock::now();
        const auto now = Clock::now();
        if (left <= left.zero() || !had_no_chance(known_runs({}, job.instance), job.objective, now) ||
            !comes(job, now + std::chrono::duration_cast<Clock::duration>(left)))
            return;
        if (!said)
            std::cout << std::format(
                             "No backup of {} was tried within {} h (objective-hours): waits up to {} min for the one that is "
                             "under way or about to begin",
                             printable(job.name), job.objective.count(), patience.count())
                      << std::endl;
        pollfd polled{stop.fd(), POLLIN, 0};
        poll(&polled, 1, every);
        stop.check();
    }
} catch (const std::exception &error) { // it looks now, then
    std::cerr << "igotchuu: " << error.what() << '\n';
}

} // namespace igotchuu
