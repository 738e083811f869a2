// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu
{

/// `word` as a person types it into a shell.
[[nodiscard]] std::string shell_word(std::string_view word);

} // namespace igotchuu
