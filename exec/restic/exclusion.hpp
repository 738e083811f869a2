// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu::restic
{

/// Whether restic's --exclude with this pattern leaves the absolute path out, or a directory above it. What begins with "!" takes nothing out here.
/// https://restic.readthedocs.io "Excluding Files"; Go's filepath.Match.
[[nodiscard]] bool excludes(std::string_view pattern, std::string_view path);

/// Whether such a pattern fits the absolute path itself, to its end.
[[nodiscard]] bool fits_itself(std::string_view pattern, std::string_view path);

} // namespace igotchuu::restic
