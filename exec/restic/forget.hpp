// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/plan.hpp"
#include "exec/restic/start.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace igotchuu::restic
{

/// What the job's rules would remove from the repository, of its own snapshots of this machine: one start of restic. Throws Failure with the reason when
/// restic cannot tell, or this machine has no id; Cancelled when asked to stop.
[[nodiscard]] Plan plan_to_forget(const Starter &starter, const Access &access, const Job &job);

/// What came of a removal.
struct Removal {
    std::uint32_t removed = 0; ///< as far as is known
    std::string why_not{}; ///< why not all of them are gone, with the remedy; empty: they are
    bool locked = false; ///< since another restic works on the repository
};

/// Removes these snapshots and nothing else, in one start of restic (of very many, one for each 10,000); what they alone held stays in the repository
/// until a prune. What counts is what is gone, not restic's exit status: in a local repository it looks, of others restic says which stay. Throws Cancelled when
/// asked to stop.
[[nodiscard]] Removal forget(const Starter &starter, const Access &access, std::span<const PlannedSnapshot> snapshots);

} // namespace igotchuu::restic
