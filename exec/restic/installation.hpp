// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace igotchuu::restic
{

/// What restic runs with on this machine.
struct Installation {
    std::string restic, setpriv; ///< absolute paths
    std::string cache_directory; ///< 0700, root's
    std::string credentials_directory; ///< systemd's for this unit; empty: there is none
    std::chrono::milliseconds grace{60'000}; ///< a clean end took 14 s with a throttled upload; then SIGKILL

    /// The programs that the build found, and the directories that systemd gave to the unit; by hand the same cache as in the unit.
    [[nodiscard]] static Installation standard();
};

} // namespace igotchuu::restic
