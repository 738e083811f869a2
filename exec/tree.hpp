// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <cstdint>
#include <string>

namespace igotchuu
{

/// What a tree that lies below a source is mounted over, in the tree around it: the empty directory that a btrfs snapshot has in the place of a
/// nested subvolume, or the directory that is a mount point in the live file system too (what it holds is not seen there either).
enum class Spot : std::uint8_t { stub, mount_point };

/// A frozen tree and the place where the job wants to see it. `root` is a directory on a mount that nobody but this process sees; whoever shows it
/// clones that mount (open_tree(2)).
struct Tree {
    std::string source; ///< the job's source that it belongs to
    std::string below; ///< path below the source, bytes; empty: the source itself
    Fd root; ///< O_PATH
    Spot spot = Spot::stub;
    std::string place{}; ///< where the method that froze it finds it again, in its own words; empty: it cannot be kept
};

} // namespace igotchuu
