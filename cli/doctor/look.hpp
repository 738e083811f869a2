// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"

namespace igotchuu::doctor
{

/// Looks at this machine, with the rights of whoever asks. Changes nothing, starts restic only to ask its version, and asks no file system that another machine or a
/// program serves. Without the bus it sees all files as well. Throws std::system_error when the directories of jobs cannot be read and nobody tells of them.
[[nodiscard]] Seen look();

} // namespace igotchuu::doctor
