// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace igotchuu
{

/// Adds a run to the day on which it ended; the oldest day goes when there are more than Record::days_max.
void note(std::vector<Day> &days, const Run &run);

/// What `other` has, too. The sizes are those of the later one.
void add(Day &day, const Day &other);

/// Those of a record; of one of a version that had none: those of its history.
[[nodiscard]] std::vector<Day> days_of(const Record &record);

[[nodiscard]] std::chrono::sys_days date_of(Clock::time_point time); ///< in the machine's zone
[[nodiscard]] Clock::time_point end_of(std::chrono::sys_days date); ///< where the next one begins, in that zone
[[nodiscard]] std::string date_text(std::chrono::sys_days date); ///< "2026-11-25"

} // namespace igotchuu
