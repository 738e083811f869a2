// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

struct PlannedSnapshot {
    std::string id; ///< 64 hexadecimal digits
    std::chrono::sys_time<std::chrono::nanoseconds> time;
    std::string host;
    std::vector<std::string> reasons; ///< restic's own, why it stays: "daily snapshot"; of one that goes none
    std::string original{}; ///< the id that it was made with, where somebody has tagged, rewritten or copied it; else empty
};

/// What a job's rules come to: each of its snapshots is in one of the two, as restic had them, the newest first.
struct Plan {
    std::vector<PlannedSnapshot> keep, remove;
};

/// What `restic forget --dry-run --json --group-by=` printed, versions 0.17 to 0.19. Snapshots will be removed by it: throws Failure for anything in
/// it that is not as it has to be, and for a snapshot that has not all of `tags`. No text at all: there is no such snapshot.
[[nodiscard]] Plan parse_plan(std::string_view text, std::span<const std::string> tags);

} // namespace igotchuu::restic
