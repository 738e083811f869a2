// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <string>

namespace igotchuu
{

// `igotchuu-exec pending`: the kept instants of all jobs, for a person and for the unit that watches.

/// Prints them: job, instant, age, who waits for it and why, and where it lies.
void list_pending();

/// Starts igotchuu-send@NAME of each job of which something can be sent, as far as that can be seen, and is not put off, or whose limits no longer allow what is kept.
[[nodiscard]] ExitStatus start_pending(const StopRequest &stop);

/// Whether start_pending() would start it now for what is kept of this job.
[[nodiscard]] bool starts_by_itself(const Job &job, const Kept &kept);

/// When the boot is complete: starts igotchuu@NAME of each job whose last run was "not now". Its timer has counted that run, and systemd has forgotten that it waited.
[[nodiscard]] ExitStatus start_waiting(const StopRequest &stop);

/// What start_pending() does, for disks whenever something is mounted or unmounted, by whomever, and for servers every ten minutes, until nothing is kept any more or `stop`.
[[nodiscard]] ExitStatus watch_pending(const StopRequest &stop);

/// Drops what is kept of a job, whether it has a file or not: that of the run `run`, or, where that is empty, all.
[[nodiscard]] ExitStatus drop_pending(const std::string &name, const std::string &run);

} // namespace igotchuu
