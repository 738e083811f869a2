// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace igotchuu
{

/// Of this machine, which restic calls its snapshots' hosts by. Throws std::system_error.
[[nodiscard]] std::string host_name();

} // namespace igotchuu
