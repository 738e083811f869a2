// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu
{

/// A text in quotes, as TOML has it. Throws Failure for what is no UTF-8.
[[nodiscard]] std::string toml_text(const std::string &text);

/// An array of texts.
[[nodiscard]] std::string toml_list(const std::vector<std::string> &texts);

} // namespace igotchuu
