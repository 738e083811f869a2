// SPDX-License-Identifier: MIT
#pragma once

#include "exec/in-use.hpp"
#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// One backup of a job, from its locks to the last release, in a mount namespace of its own; then its kept instants go to the repositories that are there
/// again. Whatever happens is reported on every channel, and in the record. Throws NotNow, and says nothing, when another run of the job is under way.
[[nodiscard]] ExitStatus back_up(const Job &job, const std::string &invocation_id, const StopRequest &stop);

/// The same, though a source is on another file system than at its last backup: somebody has moved it on purpose.
[[nodiscard]] ExitStatus back_up_moved(const Job &job, const std::string &invocation_id, const StopRequest &stop);

} // namespace igotchuu
