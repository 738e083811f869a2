// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace igotchuu
{

/// `path` without a slash at its end, or why it is no path that a file may name: not absolute, not normalised (the sentence then names the
/// normalised form; nothing is guessed, since ".." means something else where a link is on the way), too long.
[[nodiscard]] std::expected<std::string, std::string> normal_path(std::string_view path);

} // namespace igotchuu
