// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <cstdint>
#include <string>

namespace igotchuu
{

// Mounts by their ids (STATX_MNT_ID), which are the same in every namespace. Who serves a mount is not asked: it may be dead. statx(2).

struct MountId {
    std::uint64_t id = 0; ///< 0: the kernel does not say, before 5.8
    bool is_root = false; ///< the descriptor is of what is mounted, and of nothing below that
};
[[nodiscard]] MountId mount_id(const Fd &file) noexcept;

/// Takes off the mount that is seen as `name` from the directory `from`, though it is busy, when it is the one with that id; and nothing else.
void take_off(int from, const std::string &name, std::uint64_t id) noexcept;

} // namespace igotchuu
