// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace igotchuu::restic
{

/// What restic runs with on this machine.
struct Installation {
    std::string restic{}, setpriv{}, chroot{}; ///< absolute paths
    std::string cache_directory{}; ///< 0700, root's
    std::string credentials_directory{}; ///< systemd's for this unit; empty: there is none
    std::chrono::milliseconds grace{60'000}; ///< a clean end took 14 s with a throttled upload; then SIGKILL

    /// The programs that the build found, and the directories that systemd gave to the unit; by hand the same cache as in the unit.
    [[nodiscard]] static Installation standard();

    /// Real paths of what has to be executable for restic to run: those, and the libraries that this very process has loaded.
    [[nodiscard]] std::vector<std::string> programs() const;
    /// restic's TMPDIR where /tmp is frozen: open to whoever restic runs as, in a directory that is root's alone.
    [[nodiscard]] std::string temporary_directory() const { return cache_directory + "/tmp"; }
};

} // namespace igotchuu::restic
