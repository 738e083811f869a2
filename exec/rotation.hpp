// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

namespace igotchuu
{

// Which part of a repository's data is read by the next check: all of them in turn, each again as long as it has faults.

/// Makes the record one of so many parts: where it was of others, they begin anew; but not as long as one of those has faults.
void divide(RepositoryRecord &record, std::uint32_t parts);
/// The check of the next part is over. The turn stays at one that has faults.
void checked(RepositoryRecord &record, bool is_sound, Clock::time_point now);

} // namespace igotchuu
