// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// That an instant is kept for a repository that is absent, since when and why, or where it was disproved, and what shows more.
[[nodiscard]] std::string why_kept(const KeptInstant &instant, const Wanting &wanting);

} // namespace igotchuu
