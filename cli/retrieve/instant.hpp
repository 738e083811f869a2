// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// What --at takes, of the machine's zone: "2026-11-25", "2026-11-25 03:00", "03:00:07", "yesterday 18:00", "3 days ago", "2w", "@1790000000", and times as our JSON has
/// them. The last instant of what is named, so that a snapshot of 03:00:07 is not newer than "03:00", nor than its day. Throws UsageError.
[[nodiscard]] Clock::time_point instant_from(const std::string &word);

} // namespace igotchuu
