// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace igotchuu
{

/// Whether `path` is `directory`, or lies below it, by their names alone. Both absolute and normalised, without a slash at the end (but "/").
[[nodiscard]] constexpr bool lies_below(std::string_view path, std::string_view directory) noexcept
{
    if (directory == "/")
        return path.starts_with('/');
    return !directory.empty() && path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

} // namespace igotchuu
