// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

/// What came of a job's runs, as far as its record reaches back.
struct Past {
    std::string name{}; ///< as its file is called; of one without a file: its instance
    std::string instance{};
    std::chrono::hours objective{}; ///< as in Job
    std::string fault{}; ///< why its record cannot be read: a sentence, printable
    Record record{};
};

/// Days from `first` to `last`, both in it.
struct Period {
    std::chrono::sys_days first{}, last{};
    [[nodiscard]] std::size_t days() const { return static_cast<std::size_t>((last - first).count()) + 1; }
    friend bool operator==(const Period &, const Period &) = default;
};

/// From the first day that is known of any of them until `now`; at most Record::days_max. Of no run at all: nothing.
[[nodiscard]] std::optional<Period> period_of(const std::vector<Past> &jobs, Clock::time_point now);

/// How many days one place of a chart stands for, so that all of `period` has room in `places`, of which there is at least one.
[[nodiscard]] std::size_t days_a_slot(const Period &period, std::size_t places);

/// What a chart shows at one place.
struct Slot {
    Period period{};
    std::optional<Day> runs{}; ///< of all its days together; nothing: there was none
    std::optional<Clock::duration>
        age{}; ///< of the newest good backup at midnight, or now, on the worst of its days; nothing: none is known
};

/// One after the other, the oldest first; the last one ends with the period, and the first one may be shorter than the others.
[[nodiscard]] std::vector<Slot> slots_of(const Past &job, const Period &period, std::size_t days_a_slot, Clock::time_point now);

/// What all slots have together.
[[nodiscard]] Day sum_of(const std::vector<Slot> &slots);

/// A row of a chart: of each slot its value, nothing where there is none.
using Values = std::vector<std::optional<double>>;
[[nodiscard]] Values durations(const std::vector<Slot> &slots); ///< microseconds of the longest run
[[nodiscard]] Values bytes_added(const std::vector<Slot> &slots);
[[nodiscard]] Values file_counts(const std::vector<Slot> &slots);
[[nodiscard]] Values ages(const std::vector<Slot> &slots); ///< microseconds
[[nodiscard]] double most_of(const Values &values); ///< 0 when there is none

/// How high `value` stands on a scale from 0 to `most` that has `steps`: 0 for 0 alone, else from 1 to `steps`.
[[nodiscard]] std::size_t height(double value, double most, std::size_t steps);

} // namespace igotchuu
