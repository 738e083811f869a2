// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"

namespace igotchuu
{

/// `igotchuu-exec retrieve`: what a person wants to see of repositories, or to have back from them, as one request on standard input says; for the program igotchuu.
/// Returns the exit status. Throws ConfigError, Failure, std::system_error and Cancelled.
[[nodiscard]] int retrieve_for_a_person(const StopRequest &stop);

} // namespace igotchuu
