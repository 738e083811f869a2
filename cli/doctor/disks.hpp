// SPDX-License-Identifier: MIT
#pragma once

#include "job/mount-table.hpp"

#include <string>
#include <vector>

namespace igotchuu::doctor
{

/// The disks that a mount's file system lies on, by /sys: below partitions, LVM, RAID and encryption. What lies on no block device is a disk of its own, "zfs tank" or
/// "tmpfs tmpfs (0:45)". Empty: they are not known.
[[nodiscard]] std::vector<std::string> disks_of(const Mount &mount);

} // namespace igotchuu::doctor
