// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string_view>

namespace igotchuu
{

/// What is known of the runs of `instance`. A record that cannot be read is begun anew: what comes of this run matters more than the history.
[[nodiscard]] Record record_so_far(const StateDirectories &where, std::string_view instance);

void add(Record &record, const Run &run);

} // namespace igotchuu
