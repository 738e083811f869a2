// SPDX-License-Identifier: MIT
#include "cli/report/report.hpp"

#include "cli/overview.hpp"
#include "job/amount.hpp"
#include "job/days.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <limits>
#include <utility>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

constexpr std::size_t title_width = 10, scale_width = 11; // "duration", "23 h 59 min"
constexpr std::size_t left_width = 2 + title_width + scale_width + 2;

struct Sign {
    char sign;
    Tone tone;
    std::string_view meaning;
};

Sign sign_of(Outcome worst)
{
    switch (worst) {
    case Outcome::success:
        return {'+', Tone::good, "good"};
    case Outcome::pending:
        return {'p', Tone::warning, "pending"};
    case Outcome::partial:
        return {'~', Tone::warning, "partial"};
    case Outcome::stopped:
        return {'s', Tone::warning, "stopped"};
    case Outcome::not_now:
        return {'w', Tone::plain, "only waited"};
    case Outcome::failed:
    case Outcome::disproved:
    case Outcome::killed:
    case Outcome::bad_configuration:
        return {'X', Tone::bad, "failed"};
    }
    std::unreachable();
}

/// A place of a row: empty where there is no value, else the lowest sign for 0 alone.
std::string_view bar(const std::optional<double> &value, double most, Signs signs)
{
    constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
        ascii{"_", ".", ":", "-", "=", "+", "*", "#"};
    const auto &steps = signs == Signs::blocks ? blocks : ascii;
    return value ? steps[height(*value, most, steps.size() - 1)] : " ";
}

/// Places side by side; those of one tone share its escapes.
std::string joined(const std::vector<Cell> &places, const Screen &screen)
{
    std::string row, same;
    for (std::size_t at = 0; at < places.size(); ++at) {
        same += places[at].text;
        if (at + 1 == places.size() || places[at + 1].tone != places[at].tone)
            row += screen.toned(std::exchange(same, {}), places[at].tone);
    }
    return row;
}

std::string row(std::string_view title, std::string_view scale, const std::string &places)
{
    auto line = std::format("  {:{}}{:>{}}  {}", title, title_width, scale, scale_width, places);
    line.resize(line.find_last_not_of(' ') + 1);
    return line;
}

std::string outcomes_row(const std::vector<Slot> &slots, const Screen &screen)
{
    std::vector<Cell> places;
    for (const auto &slot : slots) {
        const auto shown = slot.runs ? sign_of(slot.runs->worst) : Sign{' ', Tone::plain, ""};
        places.push_back({std::string(1, shown.sign), shown.tone});
    }
    return row("outcome", "", joined(places, screen));
}

/// What is above `limit` is shown as bad.
std::string bars_row(std::string_view title, std::string_view scale, const Values &values, const Screen &screen, Signs signs,
                     double limit = std::numeric_limits<double>::infinity())
{
    const auto most = most_of(values);
    std::vector<Cell> places;
    for (const auto &value : values)
        places.push_back({std::string{bar(value, most, signs)}, value && *value > limit ? Tone::bad : Tone::plain});
    return row(title, scale, joined(places, screen));
}

std::string time_scale(const Values &values)
{
    const auto most = microseconds{static_cast<std::int64_t>(most_of(values))};
    return most > 0us ? duration_text(most) : "";
}

/// Phrases on as few lines as have room for them.
void add_phrases(std::vector<std::string> &lines, const std::vector<std::string> &phrases, std::string_view between,
                 std::size_t columns)
{
    std::string line;
    for (const auto &phrase : phrases)
        if (line.empty())
            line = phrase;
        else if (width_of(line) + width_of(between) + width_of(phrase) <= columns)
            line += std::string{between} + phrase;
        else
            lines.push_back(cut(std::exchange(line, "  " + phrase), columns));
    lines.push_back(cut(line, columns));
}

void add_charts(std::vector<std::string> &lines, const Past &job, const std::vector<Slot> &slots, const Screen &screen, Signs signs)
{
    const auto took = durations(slots), added = bytes_added(slots), files = file_counts(slots), age = ages(slots);
    const auto amount = [](const Values &values, std::string (*text)(std::uint64_t)) {
        const auto most = static_cast<std::uint64_t>(most_of(values));
        return most > 0 ? text(most) : std::string{};
    };
    const auto objective = job.objective > hours{0} ? static_cast<double>(microseconds{job.objective}.count())
                                                    : std::numeric_limits<double>::infinity();
    lines.push_back(outcomes_row(slots, screen));
    lines.push_back(bars_row("duration", time_scale(took), took, screen, signs));
    lines.push_back(bars_row("added", amount(added, bytes_text), added, screen, signs));
    lines.push_back(bars_row("files", amount(files, number_text), files, screen, signs));
    lines.push_back(bars_row("age", time_scale(age), age, screen, signs, objective));
}

/// What the places of the outcomes are.
std::vector<std::string> legend()
{
    std::vector<std::string> meanings;
    for (const auto outcome :
         {Outcome::success, Outcome::pending, Outcome::partial, Outcome::stopped, Outcome::failed, Outcome::not_now}) {
        const auto shown = sign_of(outcome);
        meanings.push_back(std::format("{} {}", shown.sign, shown.meaning));
    }
    return meanings;
}

std::vector<std::string> places_of(const Period &period, std::size_t days)
{
    return {std::format("{} to {}", date_text(period.first), date_text(period.last)),
            days == 1 ? "a place is a day" : std::format("a place is {} days", days), "the worst, longest and sum"};
}

} // namespace

std::vector<std::string> headline(const Past &job, const std::vector<Slot> &slots, Clock::time_point now)
{
    const auto sum = sum_of(slots);
    std::vector<std::string> phrases{std::format("{}, {} good", counted(sum.runs, "run", "runs"), number_text(sum.good))};
    if (job.record.last_success)
        phrases.push_back("newest good backup " + ago(now - fresh_as_of(*job.record.last_success)));
    if (job.objective > hours{0})
        phrases.push_back(std::format("objective {} h", job.objective.count()));
    phrases.push_back(bytes_text(sum.added) + " added");
    return phrases;
}

std::vector<std::string> report_lines(const Report &report, const Screen &screen, std::size_t columns, Signs signs)
{
    constexpr std::size_t places_min = 7;
    const auto places = std::max(columns, left_width + places_min) - left_width;
    const auto period = period_of(report.jobs, report.now);
    const auto days = period ? days_a_slot(*period, places) : 1;
    std::vector<std::string> lines;
    if (period)
        add_phrases(lines, places_of(*period, days), "; ", columns);
    for (const auto &job : report.jobs) {
        if (!lines.empty())
            lines.emplace_back();
        const auto plain = cut(printable(job.name), columns / 2), name = screen.toned(plain, Tone::heading);
        if (!period || job.record.days.empty()) {
            lines.push_back(std::format("{}: {}", name, job.fault.empty() ? "there is no run yet" : job.fault));
            continue;
        }
        const auto slots = slots_of(job, *period, days, report.now);
        auto phrases = headline(job, slots, report.now);
        phrases.front() = std::format("{}: {}", plain, phrases.front());
        const auto first = lines.size();
        add_phrases(lines, phrases, "; ", columns);
        lines[first].replace(0, plain.size(), name);
        add_charts(lines, job, slots, screen, signs);
    }
    if (period) {
        lines.emplace_back();
        add_phrases(lines, legend(), "  ", columns);
    }
    return lines;
}

} // namespace igotchuu
