// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/private-mount.hpp"
#include "job/fd.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace igotchuu::zfs
{

/// Snapshots, each mounted read-only where nobody but this process comes by, without zfs's helper, and never reached through .zfs: its automount runs a
/// program on the host. zfs(8). While something of one is open it cannot be destroyed.
class Mounted
{
public:
    /// DATASET@NAME, on a new directory in `scratch`; one that is there already stays as it is. Throws std::system_error.
    void add(const std::string &snapshot, const std::string &scratch);
    /// A directory in it, O_PATH; not open where there is none, and errno says why. `inside`: its path, without a slash before it.
    [[nodiscard]] Fd open(const std::string &snapshot, std::string_view inside) const;

    void hide(); ///< from their places: see PrivateMount
    void clear() { all_.clear(); } ///< unmounts them

    /// A sentence about the first dataset that has less left than 1 % of what it may have, 1 GiB, and half of what was free when it was mounted.
    [[nodiscard]] std::string short_of_space() const;
    /// Of what the datasets may have, quotas counted; the least of all.
    [[nodiscard]] unsigned free_percent() const;

private:
    struct One {
        PrivateMount mount;
        std::uint64_t least_space; ///< bytes
    };
    std::map<std::string, One, std::less<>> all_; ///< by snapshot
};

} // namespace igotchuu::zfs
