// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// One backup of a job, from its locks to the last release, in a mount namespace of its own. Whatever happens is reported on every channel; the
/// outcome is what the record says. Throws NotNow, and says nothing, when another run of the job is under way.
[[nodiscard]] Outcome back_up(const Job &job, const std::string &invocation_id, const StopRequest &stop);

} // namespace igotchuu
