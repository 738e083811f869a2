// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace igotchuu
{

/// A record's text without its days, and of its history with the newest_runs() alone; what is no record stays as it is.
[[nodiscard]] std::string with_newest_runs(std::string text);

} // namespace igotchuu
