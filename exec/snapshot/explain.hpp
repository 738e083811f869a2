// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/btrfs-ioctl.hpp"

#include <array>
#include <string>

namespace igotchuu::btrfs
{

/// Why the kernel refused a snapshot of subvolume `id` of the file system `file_system` on `device`, and what helps: one clause.
[[nodiscard]] std::string explain(int error, const std::array<std::uint8_t, 16> &file_system, std::uint64_t id,
                                  const std::string &device);

} // namespace igotchuu::btrfs
