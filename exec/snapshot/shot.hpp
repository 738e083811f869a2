// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <chrono>
#include <span>
#include <vector>

namespace igotchuu::btrfs
{

struct Shot {
    std::vector<int> errors; ///< of each origin: errno or 0
    std::chrono::steady_clock::time_point started, ended; ///< before the first ioctl, after the last
};

/// Snapshots all `origins` (roots of subvolumes) in as few transactions as can be: with a thread each, up to 128, the Nth as N/snapshot in
/// `run`. In one directory the kernel would take them one after the other, each with a commit of its own. An origin that is not open is ENOENT.
[[nodiscard]] Shot snapshot_all(const Fd &top, std::span<const Fd *const> origins, const Fd &run);

} // namespace igotchuu::btrfs
