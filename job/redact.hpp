// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu
{

/// `text` with each password of an address in it as "***": `//user:pass@host` becomes `//user:***@host`. For all that is shown.
[[nodiscard]] std::string redacted(std::string_view text);

} // namespace igotchuu
