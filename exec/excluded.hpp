// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"
#include "exec/view.hpp"
#include "job/job.hpp"

namespace igotchuu
{

/// What restic leaves out with all that is below it, as the job's `exclude` says by a path: no pattern (restic's rules for those are its own), and nothing that
/// a later "!" might take in again. Not so where a source, what is live, root's home or what has to go on lies below: that needs its place in the snapshot.
[[nodiscard]] IsExcluded what_is_excluded(const Job &job, const Keep &keep);

} // namespace igotchuu
