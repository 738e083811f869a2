// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"
#include "job/fd.hpp"
#include "job/mount-table.hpp"

#include <string>
#include <vector>

namespace igotchuu::doctor
{

/// Those of `swap` that lie in a nested subvolume below `source`, on the same btrfs, which the job neither leaves out nor has as a source of its own. The source's own
/// subvolume must not be among theirs.
[[nodiscard]] std::vector<SwapSeen> swap_in_nested(const Job &job, const std::string &source, const std::vector<SwapSeen> &swap,
                                                   const MountTable &mounts);

/// What sources and local repositories lie on. What another machine or a program serves, or what an automount stands for, is known by the table of mounts alone.
class Places
{
public:
    Places();

    /// A source of `job`. Of the btrfs that it lies on, what has not been seen yet is added to `seen`, and so is what cannot be seen.
    [[nodiscard]] SourceSeen source(const Job &job, const std::string &path, Seen &seen);

    /// Of a repository on this machine; empty: it is not there, or its file system is served.
    [[nodiscard]] std::vector<std::string> disks_of_repository(const Repository &repository, Seen &seen) const;

private:
    void see_swap(const Job &job, SourceSeen &source, const Fd &directory) const;
    void see_btrfs(const Job &job, SourceSeen &source, Seen &seen);
    [[nodiscard]] std::vector<std::string> others_below(const Job &job, const std::string &source, const Mount &mount) const;

    MountTable mounts_;
    std::vector<SwapSeen> swap_;
};

} // namespace igotchuu::doctor
