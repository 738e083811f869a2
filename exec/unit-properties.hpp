// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

namespace igotchuu
{

/// What systemd says of a unit, by systemctl: `names` are properties, with commas between them. An unknown unit has them, too. Throws Failure.
[[nodiscard]] std::map<std::string, std::string> unit_properties(const std::string &unit, const std::string &names);

} // namespace igotchuu
