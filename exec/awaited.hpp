// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"

#include <string>

namespace igotchuu
{

/// The first thing that the job waits for and that is not so now, as a sentence: "the machine runs on battery". Empty: nothing is. It looks once, and
/// waits for nothing but a host's answer, 5 s each; what cannot be told counts as so.
[[nodiscard]] std::string what_is_awaited(const Wait &wait);

} // namespace igotchuu
