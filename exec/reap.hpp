// SPDX-License-Identifier: MIT
#pragma once

#include "exec/namespace.hpp"
#include "exec/report/report.hpp"
#include "job/job.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// The name under which a run's snapshots lie in a pool: "INSTANCE:INVOCATION".
[[nodiscard]] std::string run_name(std::string_view instance, std::string_view invocation_id);

/// Deletes what killed runs have left in the pools of the file systems of `sources`, and never what is listed as kept, of whichever job. A run is over when its job's lock can be taken; `instance` is
/// the job whose lock the caller holds. Says on `report` what went, what stays and what is not ours.
void reap_leftovers(const std::string &instance, std::span<const std::string> sources, const Scratch &scratch, Report &report);

/// Says how a run by hand of the job ended that was killed, where nobody has said so yet. Returns where else it may have left something: the job may have other
/// sources by now.
std::vector<std::string> say_what_was_killed(const Job &job);

/// `igotchuu-exec reap`, ExecStopPost= of the unit: when the run `invocation_id` of the job ended without a word of its own, takes away what it
/// left and writes that it was killed. Needs no job file and no secret. What cannot be taken away now is left to the next run, and said. After one that froze
/// logical volumes, has failed and said so, it looks as well.
void reap_killed(const std::string &instance, const std::string &invocation_id);

} // namespace igotchuu
