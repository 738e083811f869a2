// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// Why old snapshots of a job stay in a repository, though its rules keep them no longer, and what to type: "the backup has only 10 files. 3 would go (to look: …)".
/// Empty of Hold::none.
[[nodiscard]] std::string why_held(const std::string &job, const Retention &retention);

} // namespace igotchuu
