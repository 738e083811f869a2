// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/plan.hpp"
#include "exec/restic/start.hpp"
#include "job/job.hpp"

#include <span>

namespace igotchuu::restic
{

/// What the job's rules would remove from the repository, of its own snapshots of this machine: one start of restic. Throws Failure with the reason when
/// restic cannot tell, or this machine has no id; Cancelled when asked to stop.
[[nodiscard]] Plan plan_to_forget(const Starter &starter, const Access &access, const Job &job);

/// Removes these snapshots and nothing else, in one start of restic (of very many, one for each 10,000); what they alone held stays in the repository
/// until a prune. Throws Failure when one of them is not gone then, Cancelled when asked to stop.
void forget(const Starter &starter, const Access &access, std::span<const PlannedSnapshot> snapshots);

} // namespace igotchuu::restic
