// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// A file in a directory of the cache, CACHE/DIRECTORY/NAME. Nothing for one that is not there, is another user's, no regular one, writable by others, or over 16 MiB.
[[nodiscard]] std::optional<std::string> read_cached(const std::string &cache, const std::string &directory,
                                                     const std::string &name);

/// In its place, by rename; one at a time. Only a cache: where it cannot be written there is none.
void write_cached(const std::string &cache, const std::string &directory, const std::string &name, std::string_view text);

} // namespace igotchuu
