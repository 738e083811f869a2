// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"

#include <vector>

namespace igotchuu
{

/// Whether a timer with these settings ever fires: there is an On…= among them, systemd.timer(5). Without one the generator writes no timer.
[[nodiscard]] bool has_schedule(const std::vector<UnitSetting> &timer);

/// Whether all that they say counts from a run before (OnUnitActiveSec=, OnUnitInactiveSec=): of such a timer none ever is the first.
[[nodiscard]] bool only_goes_on(const std::vector<UnitSetting> &timer);

} // namespace igotchuu
