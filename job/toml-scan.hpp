// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// Where a TOML text goes beyond what a parser may be given.
struct Excess {
    std::uint32_t line, column;
    std::string message;
};

/// toml++ 3.4 recurses for each part of a dotted key and for each level of nesting, and overflows its stack on many: so this looks for both,
/// without recursion, before it sees the text. More than 16 of either are refused. On a text that is no TOML it is right up to the first error,
/// which is where the parser stops.
[[nodiscard]] std::optional<Excess> find_excess(std::string_view text);

} // namespace igotchuu
