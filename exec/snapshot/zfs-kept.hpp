// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <memory>
#include <string>

namespace igotchuu::zfs
{

/// Where a kept tree lies: "DATASET@NAME/INSIDE".
[[nodiscard]] std::string place_of_tree(const std::string &snapshot, std::string_view inside);

/// Method::adopt of snapshots that Frozen::keep() has left. A dataset that was renamed since is gone.
[[nodiscard]] std::unique_ptr<Frozen> adopt(const Adoption &adoption);

} // namespace igotchuu::zfs
