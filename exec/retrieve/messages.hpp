// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/node.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/retrieve/conversation.hpp"

#include <cstddef>
#include <string>

namespace igotchuu::retrieve
{

// What is said of things: igotchuu-exec(8), "RETRIEVE".

[[nodiscard]] json message_of(const std::string &repository, const restic::Stored &snapshot); ///< "snapshot"
[[nodiscard]] json message_of(const restic::Node &node); ///< "entry"
/// "alike": several names of one snapshot are listed by the path.
[[nodiscard]] json alike_message(const std::string &repository, const std::string &path, std::size_t names);

} // namespace igotchuu::retrieve
