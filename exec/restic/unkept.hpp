// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/plan.hpp"
#include "job/job.hpp"

#include <span>
#include <string>

namespace igotchuu::restic
{

/// Why none of the rules keeps a snapshot that `plan` removes, one rule after the other: "last = 2: 2 newer ones stay for it; daily = 7: 1a2b3c4d stays for that
/// day". It goes by restic's reasons for those that stay, and by its order: of each period it keeps the newest (0.17 to 0.19).
[[nodiscard]] std::string why_unkept(const PlannedSnapshot &snapshot, const Plan &plan, std::span<const KeepRule> rules);

} // namespace igotchuu::restic
