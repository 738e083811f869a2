// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/node.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/retrieve/conversation.hpp"

#include <string>

namespace igotchuu::retrieve
{

// What is said of things: igotchuu-exec(8), "RETRIEVE".

[[nodiscard]] json message_of(const std::string &repository, const restic::Stored &snapshot); ///< "snapshot"
[[nodiscard]] json message_of(const restic::Node &node); ///< "entry"

} // namespace igotchuu::retrieve
