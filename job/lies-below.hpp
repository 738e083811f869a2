// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <string>
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

/// The same of any of them.
[[nodiscard]] constexpr bool lies_below_any(std::string_view path, std::span<const std::string> directories) noexcept
{
    return std::ranges::any_of(directories, [&](const auto &directory) { return lies_below(path, directory); });
}

} // namespace igotchuu
