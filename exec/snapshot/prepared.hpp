// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::command
{

/// What `prepare` printed: a line a source, in any order, "SOURCE<tab>DIRECTORY"; of a single source "DIRECTORY" will do. Returns the directories in the
/// order of `sources`. Throws Failure, which quotes the line, for everything else.
[[nodiscard]] std::vector<std::string> parse_prepared(std::string_view printed, std::span<const std::string> sources);

} // namespace igotchuu::command
