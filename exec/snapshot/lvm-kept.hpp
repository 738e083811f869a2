// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace igotchuu::lvm
{

/// Where a kept tree lies: "GROUP/SNAPSHOT TYPE INSIDE", the file system's type among them.
[[nodiscard]] std::string place_of_tree(std::string_view snapshot, std::string_view type, std::string_view inside);

/// Method::adopt of snapshots that Frozen::keep() has left. They are active while the object lives. One that was renamed since is gone.
[[nodiscard]] std::unique_ptr<Frozen> adopt(const Adoption &adoption);

} // namespace igotchuu::lvm
