// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace igotchuu
{

/// A time as every member `*_usec` of our JSON has it: microseconds since the epoch.
inline std::int64_t usec(Clock::time_point time)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

inline nlohmann::ordered_json time_or_null(const std::optional<Clock::time_point> &time)
{
    return time ? nlohmann::ordered_json(usec(*time)) : nlohmann::ordered_json();
}

} // namespace igotchuu
