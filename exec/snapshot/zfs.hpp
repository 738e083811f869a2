// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

namespace igotchuu::zfs
{

/// Snapshots of all datasets that a job's sources lie on and that are mounted below them, at one instant of each pool. zfs(8).
extern const Method method;

} // namespace igotchuu::zfs
