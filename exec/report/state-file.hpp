// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

namespace igotchuu
{

void add(Record &record, const Run &run);

/// What was found in the backup `found` later, by hand: its run is as if its own proof had found that. The next one makes a backup there, whatever has changed.
void disprove(Record &record, const RepositoryResult &found);

} // namespace igotchuu
