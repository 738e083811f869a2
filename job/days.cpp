// SPDX-License-Identifier: MIT
#include "job/days.hpp"

#include <algorithm>
#include <ctime>
#include <format>
#include <ranges>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

/// A try that could not run then says something of a day on which nothing else happened.
Outcome worst_of(const Day &day, const Day &other)
{
    if (day.runs == 0 || other.runs == 0)
        return day.runs == 0 ? other.worst : day.worst;
    return worse(day.worst, other.worst);
}

Day day_of(const Run &run)
{
    Day day{.date = date_of(run.ended), .worst = run.outcome};
    if (run.outcome == Outcome::not_now)
        return day;
    day.runs = 1;
    day.longest = std::max(0us, duration_cast<microseconds>(run.ended - run.started));
    if (succeeded(run)) {
        day.good = 1;
        day.fresh = fresh_as_of(run);
    }
    for (const auto &result : run.repositories) {
        day.added += result.unchanged_since ? 0 : result.summary.data_added; // else the summary is of an older backup
        day.files = std::max(day.files, result.summary.total_files_processed);
        day.bytes = std::max(day.bytes, result.summary.total_bytes_processed);
    }
    return day;
}

} // namespace

void add(Day &day, const Day &other)
{
    day.worst = worst_of(day, other);
    day.runs += other.runs;
    day.good += other.good;
    day.fresh = std::max(day.fresh, other.fresh);
    day.longest = std::max(day.longest, other.longest);
    day.added += other.added;
    if (other.files > 0 || other.bytes > 0) {
        day.files = other.files;
        day.bytes = other.bytes;
    }
}

void note(std::vector<Day> &days, const Run &run)
{
    const auto noted = day_of(run);
    const auto place = std::ranges::lower_bound(days, noted.date, std::greater{}, &Day::date); // newest first
    if (place != days.end() && place->date == noted.date)
        add(*place, noted);
    else
        days.insert(place, noted);
    if (days.size() > Record::days_max)
        days.resize(Record::days_max);
}

std::vector<Day> days_of(const Record &record)
{
    auto days = record.days;
    if (days.empty())
        for (const auto &run : record.history | std::views::reverse)
            note(days, run);
    return days;
}

sys_days date_of(Clock::time_point time)
{
    const auto seconds = Clock::to_time_t(time);
    std::tm parts{};
    if (!localtime_r(&seconds, &parts))
        return floor<days>(time); // of no year that fits
    return year{parts.tm_year + 1900} / (parts.tm_mon + 1) / parts.tm_mday;
}

Clock::time_point end_of(sys_days date)
{
    const year_month_day next{date + days{1}};
    std::tm parts{};
    parts.tm_mday = static_cast<int>(static_cast<unsigned>(next.day()));
    parts.tm_mon = static_cast<int>(static_cast<unsigned>(next.month())) - 1;
    parts.tm_year = static_cast<int>(next.year()) - 1900;
    parts.tm_isdst = -1; // mktime() shall find out
    return Clock::from_time_t(std::mktime(&parts));
}

std::string date_text(sys_days date)
{
    return std::format("{:%F}", date);
}

} // namespace igotchuu
