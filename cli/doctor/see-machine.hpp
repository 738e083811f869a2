// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"

namespace igotchuu::doctor
{

/// The clock, restic, the cache, the room in what igotchuu writes to, and igotchuu's own installation.
void see_machine(Seen &seen);

} // namespace igotchuu::doctor
