// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"

#include <string>

namespace igotchuu
{

/// `igotchuu-exec fresh`, igotchuu-fresh@.service: whether each repository of the job has a good backup that is not older than the job's objective; a sentence on
/// each, in the journal or on the terminal. A repository that is out of reach is as fresh as is known. Throws ConfigError for a job without an objective, and
/// Cancelled.
[[nodiscard]] ExitStatus look_how_fresh(const Job &job, const std::string &invocation_id, const StopRequest &stop);

} // namespace igotchuu
