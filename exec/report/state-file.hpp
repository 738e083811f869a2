// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

namespace igotchuu
{

void add(Record &record, const Run &run);

} // namespace igotchuu
