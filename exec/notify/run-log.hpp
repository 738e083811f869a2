// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu
{

/// What the journal has of one run.
struct RunLog {
    std::string tail; ///< its last lines, at most 100 and 100,000 bytes, each with its newline and the time before it
    std::vector<std::string> own{}; ///< those of them that are not systemd's, without time and newline
    std::string advice; ///< what the catalog says to the last warning or error of igotchuu's own: what it means, and what to do
};

/// Lines that somebody else wrote in the run's name are not in it. They may name files. Throws std::system_error.
[[nodiscard]] RunLog run_log(const std::string &invocation_id);

} // namespace igotchuu
