// SPDX-License-Identifier: MIT
#pragma once

#include "exec/report/channels.hpp"

#include <string>

namespace igotchuu
{

/// A configuration that cannot be used: every fault of `text` (a line each) is said, when there are several.
struct SaidFaults {
    std::string for_record; ///< the first of them, and how many more there are
    std::string for_last_word; ///< what is not said yet: the only one, or how many there were
};
[[nodiscard]] SaidFaults say_faults(Channels &all, const std::string &text);

} // namespace igotchuu
