// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/btrfs-ioctl.hpp"
#include "exec/snapshot/btrfs.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::btrfs
{

/// A subvolume below a source, and where.
struct Nested : Subvolume {
    std::string inside; ///< the path of its directory in the parent subvolume: empty or "a/b/"
    friend bool operator==(const Nested &, const Nested &) = default;
};

/// The nested subvolumes of a source's directory.
struct Below {
    std::vector<Nested> wanted; ///< parents before children
    std::uint32_t read_only = 0; ///< those that are left out, and all below them
    std::uint32_t over_limit = 0;
    std::uint32_t unreachable = 0; ///< that lie too deep in directories, or go away this very moment
};

/// What lies below the directory `inside` (empty or "a/b/") of `subvolume`, which is seen at `path`, as far as `which` says. `all` as subvolumes()
/// gives them, but sorted by parent. Our pool and what lies in it does not count.
[[nodiscard]] Below nested_below(const Fd &any, std::span<const Subvolume> all, std::uint64_t subvolume, std::string_view inside,
                                 const std::string &path, const NestedWanted &which);

/// Whether `directory` is the root of the subvolume `id`, and not one inside it, of which the kernel takes no snapshot (EINVAL).
[[nodiscard]] bool is_root_of(const Fd &directory, const std::string &path, std::uint64_t id);

/// The root directory of the subvolume `id`, reached from the top-level one by the places that `all` (as subvolumes() gives it: by id) says.
/// Nothing, and errno, when it is not there any more (ENOENT and its like) or cannot be opened.
[[nodiscard]] Fd open_subvolume(const Fd &top, std::span<const Subvolume> all, std::uint64_t id);

} // namespace igotchuu::btrfs
