// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"

#include <string>
#include <vector>

namespace igotchuu::doctor
{

/// How the timers in `seen` are; which timers of ours run that are not among `wanted`; which units of other programs back this machine up; and whether the bus knows
/// igotchuud. Of what cannot be asked the timers are taken away, and it is said.
void see_units(Seen &seen, const std::vector<std::string> &wanted);

} // namespace igotchuu::doctor
