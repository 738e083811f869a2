// SPDX-License-Identifier: MIT
#pragma once

#include "job/toml-values.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::migrate
{

/// KEY=VALUE of a unit, as systemd.syntax(7) has it: continued lines are one, without comments.
struct UnitLine {
    std::string section, key, value;
    Place place;
};

/// A unit, or several that stand one after the other, as `systemctl cat` shows them; `file` is for the places, and outlives them. What is no line of a unit is a fault.
[[nodiscard]] std::vector<UnitLine> read_unit(std::string_view file, std::string_view text, Findings &findings);

/// What counts of the lines of one key that is a list: an empty value takes away those before it, as a drop-in does that begins anew.
[[nodiscard]] std::vector<UnitLine> list_of(const std::vector<UnitLine> &lines, std::string_view section, std::string_view key);

/// The words of a value: at blanks, but in quotes; with C's escapes. A quote without an end, and a specifier that only systemd can fill in, are faults.
[[nodiscard]] std::vector<Text> words_of(const UnitLine &line, Findings &findings);

/// An EnvironmentFile=: NAME and value of each line.
[[nodiscard]] std::vector<UnitLine> read_environment(std::string_view file, std::string_view text, Findings &findings);

} // namespace igotchuu::migrate
