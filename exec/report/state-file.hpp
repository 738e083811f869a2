// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string_view>

namespace igotchuu
{

void add(Record &record, const Run &run);

/// Of a backup that was proven `now`: it is the last one there that was. `instant`: when what it holds was as it is in it.
void note_proof(Record &record, const RepositoryResult &result, Clock::time_point instant, Clock::time_point now);

} // namespace igotchuu
