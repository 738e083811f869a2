// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/features.hpp"
#include "exec/snapshot/choose.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// All that a backup depends on, in one text: with the same one it would be the same backup. The job with its repositories, who and with which restic makes it,
/// the files that restic is told to read, and the version of what is frozen. Empty: it cannot be known (something is live, or frozen by a method
/// that does not know).
[[nodiscard]] std::string basis_of(const Job &job, const Snapshots &snapshots, const restic::Features &features);

/// The results of those of the job's repositories to which there is nothing to add: their newest backup had that basis, missed nothing, is not too old
/// (full-every-days), and no proof is due. No secret, no network and no restic is needed to know it: what a server has lost meanwhile is not seen.
[[nodiscard]] std::vector<RepositoryResult> up_to_date(const Job &job, const Record &record, const std::string &basis);

/// The job for the other repositories.
[[nodiscard]] Job without(Job job, const std::vector<RepositoryResult> &results);

} // namespace igotchuu
