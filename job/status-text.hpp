// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// What a run does now, on one line and without file names: "backing up to nas: 42 %, 1.2 GiB of 2.9 GiB, 3 min left".
[[nodiscard]] std::string status_text(const Activity &activity);

/// The same with a capital, as a sentence begins.
[[nodiscard]] std::string capitalised(std::string text);

} // namespace igotchuu
