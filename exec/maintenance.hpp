// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// One maintenance of a repository: stale locks, prune, check of a part of its data. Nobody else has the repository meanwhile. Whatever happens is reported
/// on every channel; the outcome is what the record says. `instance`: of its units.
[[nodiscard]] Outcome maintain(const Repository &repository, const std::string &instance, const std::string &invocation_id,
                               const StopRequest &stop);

/// `igotchuu-exec reap --maintenance`, ExecStopPost= of the unit: when the maintenance `invocation_id` ended without a word of its own, writes what systemd knows.
/// What it left is a lock of a process that is gone: the next one removes it.
void report_if_killed(const std::string &instance, const std::string &invocation_id);

} // namespace igotchuu
