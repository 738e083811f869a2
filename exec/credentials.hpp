// SPDX-License-Identifier: MIT
#pragma once

#include "exec/namespace.hpp"
#include "exec/stop.hpp"
#include "job/job.hpp"

#include <string>

namespace igotchuu
{

/// The directory in which the credentials of the job's repositories are: the one that systemd gave to this unit. By hand there is none; then it is one in
/// `scratch`, and transient units with the very lines of the job's unit hand over what is to be in it: a credential may be sealed, and is
/// opened by PID 1 alone. systemd-run(1), systemd.exec(5). Throws Failure when one of them fails, and Cancelled.
[[nodiscard]] std::string gather_credentials(const Job &job, const Scratch &scratch, const StopRequest &stop);

} // namespace igotchuu
