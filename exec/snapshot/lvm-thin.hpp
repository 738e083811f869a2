// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

namespace igotchuu::lvm
{

/// Thin snapshots of the thin volumes that sources lie on (ext4, xfs and the like; a btrfs there is btrfs's own case): one a volume, whatever of it is a
/// source, each its own instant. lvmthin(7).
extern const Method method;

} // namespace igotchuu::lvm
