// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::generator
{

/// A value as it is meant, for a setting that takes the rest of its line: `%` doubled. systemd.syntax(7), systemd.unit(5) "SPECIFIERS".
[[nodiscard]] std::string unit_value(std::string_view value);

/// One element of a setting that takes a list: in quotes where it needs them, so that it stays one element.
[[nodiscard]] std::string list_element(std::string_view value);

/// The text for a @PLACEHOLDER@: its line is repeated for each value, and left out when there is none. Values are lines of a unit, or parts
/// of one: already escaped, where they are ours.
struct Filling {
    std::string_view placeholder; ///< without the @
    std::vector<std::string> values;
};

/// `text` with its placeholders filled, in one pass: a value is never looked at again. At most one placeholder a line; one that has no filling
/// throws std::logic_error. Whatever a value holds, it stays in its line: a control character (but the tab) throws std::invalid_argument, and a
/// backslash at its end does not swallow the next line.
[[nodiscard]] std::string fill(std::string_view text, std::span<const Filling> fillings);

} // namespace igotchuu::generator
