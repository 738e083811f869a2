// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <chrono>
#include <string_view>

namespace igotchuu
{

/// How long a look waits for a backup that the machine could not make, since it was off or asleep: a quarter of the objective, and no longer than an hour.
[[nodiscard]] std::chrono::minutes patience_of(std::chrono::hours objective);

/// Whether no run of the job has begun within the objective, whatever its outcome, and none has waited for what the job names for long: nothing was tried, and
/// nothing has failed.
[[nodiscard]] bool had_no_chance(const Record &record, std::chrono::hours objective, Clock::time_point now);

/// Whether `systemctl list-timers --output=json` says of the only timer that it elapses before `then`. What cannot be understood elapses never.
[[nodiscard]] bool elapses_before(std::string_view list, Clock::time_point then);

/// Where the job had no chance, and its backup is under way or its timer is about to start it: waits until a run has ended, nothing comes any more, or the
/// patience is at its end. A trouble that the last look has found already is not waited for. Throws Cancelled.
void await_late_backup(const Job &job, const StopRequest &stop);

} // namespace igotchuu
