// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu
{

// What a person types after `igotchuu`. Each returns the exit status, and throws std::exception for main to print.

struct StatusRequest {
    std::vector<std::string> jobs{}; ///< empty: all
    bool json = false;
    bool one_screen = false; ///< no more than the terminal shows; and 0 whatever the jobs are like
};
/// Exits as a plug-in of a monitoring does, see Severity.
[[nodiscard]] int show_status(const StatusRequest &request);

} // namespace igotchuu
