// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/search-path.hpp"

namespace igotchuu
{

/// `igotchuu-exec verify`, igotchuu-verify.service: what only systemd can judge (a calendar expression, a value in [service]) is asked of
/// systemd: LoadState of every job's timer over the bus, and `systemd-analyze verify` of the generated units. Prints one line a fault, with the
/// job's file and key; bad_configuration when there was one. A job's own faults are repeated here: one red unit shows all.
[[nodiscard]] ExitStatus verify(const SearchPath &path, const StopRequest &stop);

} // namespace igotchuu
