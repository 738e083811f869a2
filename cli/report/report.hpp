// SPDX-License-Identifier: MIT
#pragma once

#include "cli/report/timeline.hpp"
#include "cli/screen.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What came of the runs of jobs, in the order in which it is shown, and in three forms: charts of a terminal, a page, JSON. What is in it is numbers, outcomes
/// and the names of jobs and machine: no file name of a backup, and no message.
struct Report {
    std::string machine{};
    Clock::time_point now{};
    std::vector<Past> jobs{};
};

/// What a job's charts are about, in phrases: how many runs, how old the newest backup is.
[[nodiscard]] std::vector<std::string> headline(const Past &job, const std::vector<Slot> &slots, Clock::time_point now);

/// What a chart is drawn with.
enum class Signs { ascii, blocks };

/// Lines of at most `columns`, but for very narrow terminals; a row of a chart for each kind of number, of a place for each day or some days.
[[nodiscard]] std::vector<std::string> report_lines(const Report &report, const Screen &screen, std::size_t columns, Signs signs);

/// A page that needs nothing else: HTML that is XML, too, without a script and an address.
[[nodiscard]] std::string report_page(const Report &report);

/// One object on one line; igotchuu(1) "JSON" describes it.
[[nodiscard]] std::string report_json(const Report &report);

} // namespace igotchuu
