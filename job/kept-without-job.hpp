// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// A list whose job is gone: nobody sends what is on it.
struct Orphan {
    std::string instance;
    Kept kept;
};
[[nodiscard]] std::vector<Orphan> kept_without_job();

} // namespace igotchuu
