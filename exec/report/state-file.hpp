// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <chrono>

namespace igotchuu
{

/// By which a clock may be set back without having been wrong. What is of a later time is of a clock that was ahead.
inline constexpr std::chrono::minutes clock_error_max{15};

void add(Record &record, const Run &run);

/// What was found in the backup `found` later, by hand: its run is as if its own proof had found that. The next one makes a backup there, whatever has changed.
void disprove(Record &record, const RepositoryResult &found);

} // namespace igotchuu
