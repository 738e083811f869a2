// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <optional>
#include <string>

namespace igotchuu
{

/// `igotchuu-exec prove`: freezes the sources as they are now, and prints of each repository how far the last backup there, or `snapshot` where it is not empty, is
/// not as they are. That they differ is no fault of the backup: partial. Success when nothing differs, which is then a proof as that of a run; failed when the backup
/// cannot be read, or the comparison came to no end. Throws NotNow when the job or a repository is in use, Failure, Cancelled.
[[nodiscard]] ExitStatus prove_by_hand(const Job &job, const std::string &snapshot, const std::string &invocation_id,
                                       const StopRequest &stop);

/// A backup that was made, as far as the record knows it.
struct Made {
    RepositoryResult result;
    std::optional<Clock::time_point> instant;
};
/// The newest there, or the one whose id begins with `snapshot`: with its full id where the record has that, though its run may have left the history.
[[nodiscard]] std::optional<Made> find_made(const Record &record, const std::string &repository, const std::string &snapshot);

} // namespace igotchuu
