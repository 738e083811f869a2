// SPDX-License-Identifier: MIT
#include "cli/progress-line.hpp"

#include "cli/shell.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/status-text.hpp"

#include <algorithm>
#include <cmath>
#include <format>

namespace igotchuu
{

namespace
{

std::string bar(double done, std::size_t width)
{
    const auto full = static_cast<std::size_t>(done * static_cast<double>(width));
    return std::format("[{}{}]", std::string(full, '#'), std::string(width - full, '-'));
}

/// "42 %  1.2 GiB of 2.9 GiB  35 MiB/s  2 min left"
std::string amounts(const Progress &progress, double done)
{
    std::string text = std::format("{:3} %  {} of {}", static_cast<int>(done * 100), bytes_text(progress.bytes_done),
                                   bytes_text(progress.total_bytes));
    if (progress.seconds_elapsed > 0)
        text += std::format("  {}/s", bytes_text(progress.bytes_done / progress.seconds_elapsed));
    if (progress.seconds_remaining > 0)
        text += std::format("  {} left", time_left_text(std::chrono::seconds{progress.seconds_remaining}));
    return text;
}

std::string waiting_for(const Standing &standing)
{
    return standing.message.empty() ? std::string{to_string(standing.doing)}
                                    : std::format("{}: {}", to_string(standing.doing), printable(standing.message));
}

} // namespace

std::string step_of(const Standing &standing)
{
    if (!standing.activity)
        return standing.doing == Doing::waiting ? waiting_for(standing) : std::string{to_string(standing.doing)};
    if (standing.doing == Doing::stopping)
        return "stopping";
    auto activity = *standing.activity;
    activity.progress.reset();
    return status_text(activity);
}

std::string progress_line(const Standing &standing, std::size_t name_width, std::size_t columns)
{
    constexpr std::size_t bar_min = 10, bar_max = 40;
    const auto name = printable(standing.name);
    const auto padding = std::string(name_width - std::min(name_width, width_of(name)) + 2, ' ');
    auto line = name + padding + step_of(standing);
    if (!standing.activity || standing.doing == Doing::stopping || !standing.activity->progress)
        return cut(line, columns);
    const auto &progress = *standing.activity->progress;
    if (progress.total_bytes == 0) // restic has not counted yet
        return cut(name + padding + status_text(*standing.activity), columns);
    const auto done = std::isfinite(progress.percent_done) ? std::clamp(progress.percent_done, 0.0, 1.0) : 0.0;
    const auto right = amounts(progress, done);
    const auto taken = width_of(line) + 2 + 2 + 2 + width_of(right); // with the gaps, and the brackets
    if (taken + bar_min <= columns)
        line += "  " + bar(done, std::min(columns - taken, bar_max));
    return cut(line + "  " + right, columns);
}

std::string end_of(const Standing &standing)
{
    if (!standing.outcome)
        return std::format("{}: it ended, and nobody knows how", printable(standing.name));
    auto line =
        std::format("{}: {}, in {}", printable(standing.name), to_string(*standing.outcome),
                    duration_text(std::chrono::duration_cast<std::chrono::microseconds>(standing.ended - standing.started)));
    if (!standing.message.empty())
        line += ": " + printable(standing.message);
    if (standing.outcome != Outcome::success)
        line += std::format(" (igotchuu log {})", shell_word(printable(standing.name)));
    return line;
}

} // namespace igotchuu
