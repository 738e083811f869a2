// SPDX-License-Identifier: MIT
#include "cli/report/timeline.hpp"

#include "job/days.hpp"

#include <algorithm>
#include <cmath>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

constexpr days days_max{Record::days_max};

/// When the newest good backup was made of those that were there at `end`.
std::optional<Clock::time_point> newest_at(const Past &job, Clock::time_point end)
{
    std::optional<Clock::time_point> newest;
    const auto see = [&](Clock::time_point fresh) {
        if (fresh != Clock::time_point{} && fresh <= end)
            newest = std::max(newest, std::optional{fresh});
    };
    for (const auto &day : job.record.days)
        see(day.fresh);
    if (job.record.last_success)
        see(fresh_as_of(*job.record.last_success));
    return newest;
}

Slot slot_of(const Past &job, const Period &period, Clock::time_point now)
{
    Slot slot{.period = period};
    for (auto day = job.record.days.rbegin(); day != job.record.days.rend(); ++day) { // the oldest first
        if (day->date < period.first || day->date > period.last)
            continue;
        if (slot.runs)
            add(*slot.runs, *day);
        else
            slot.runs = *day;
    }
    for (auto date = period.first; date <= period.last; date += days{1}) {
        const auto end = std::min(end_of(date), now);
        if (const auto newest = newest_at(job, end))
            slot.age = std::max(slot.age, std::optional<Clock::duration>{end - *newest});
    }
    return slot;
}

template <typename Value>
Values values_of(const std::vector<Slot> &slots, const Value &value)
{
    Values values;
    for (const auto &slot : slots)
        values.push_back(value(slot));
    return values;
}

double microseconds_of(Clock::duration time)
{
    return static_cast<double>(duration_cast<microseconds>(time).count());
}

/// Of those days alone on which something ran.
template <typename Value>
Values values_of_runs(const std::vector<Slot> &slots, const Value &value)
{
    return values_of(slots, [&](const Slot &slot) {
        return slot.runs && slot.runs->runs > 0 ? std::optional{value(*slot.runs)} : std::nullopt;
    });
}

} // namespace

std::optional<Period> period_of(const std::vector<Past> &jobs, Clock::time_point now)
{
    const auto today = date_of(now);
    std::optional<Period> period;
    for (const auto &job : jobs)
        for (const auto &day : job.record.days)
            if (day.date <= today && day.date > today - days_max) // a clock may have been wrong
                period = Period{period ? std::min(period->first, day.date) : day.date, today};
    return period;
}

std::size_t days_a_slot(const Period &period, std::size_t places)
{
    return (period.days() + places - 1) / places;
}

std::vector<Slot> slots_of(const Past &job, const Period &period, std::size_t days_a_slot, Clock::time_point now)
{
    const days length{days_a_slot};
    std::vector<Slot> slots;
    for (auto last = period.last; last >= period.first; last -= length)
        slots.push_back(slot_of(job, {std::max(period.first, last - length + days{1}), last}, now));
    std::ranges::reverse(slots);
    return slots;
}

Day sum_of(const std::vector<Slot> &slots)
{
    Day sum;
    for (const auto &slot : slots)
        if (slot.runs)
            add(sum, *slot.runs);
    return sum;
}

Values durations(const std::vector<Slot> &slots)
{
    return values_of_runs(slots, [](const Day &runs) { return microseconds_of(runs.longest); });
}

Values bytes_added(const std::vector<Slot> &slots)
{
    return values_of_runs(slots, [](const Day &runs) { return static_cast<double>(runs.added); });
}

Values file_counts(const std::vector<Slot> &slots)
{
    return values_of(slots, [](const Slot &slot) { // of a run that failed nothing is known
        return slot.runs && (slot.runs->files > 0 || slot.runs->good > 0) ? std::optional{static_cast<double>(slot.runs->files)}
                                                                          : std::nullopt;
    });
}

Values ages(const std::vector<Slot> &slots)
{
    return values_of(slots, [](const Slot &slot) { return slot.age ? std::optional{microseconds_of(*slot.age)} : std::nullopt; });
}

double most_of(const Values &values)
{
    double most = 0;
    for (const auto &value : values)
        most = std::max(most, value.value_or(0));
    return most;
}

std::size_t height(double value, double most, std::size_t steps)
{
    if (value <= 0 || most <= 0)
        return 0;
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(value / most * static_cast<double>(steps))), 1, steps);
}

} // namespace igotchuu
