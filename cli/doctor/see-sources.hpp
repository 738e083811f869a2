// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"
#include "job/mount-table.hpp"

#include <string>
#include <vector>

namespace igotchuu::doctor
{

/// What sources and local repositories lie on. What another machine or a program serves, or what an automount stands for, is known by the table of mounts alone.
class Places
{
public:
    /// A source of `job`. Of the btrfs that it lies on, what has not been seen yet is added to `seen`, and so is what cannot be seen.
    [[nodiscard]] SourceSeen source(const Job &job, const std::string &path, Seen &seen);

    /// Of a repository on this machine; empty: it is not there, or its file system is served.
    [[nodiscard]] std::vector<std::string> disks_of_repository(const Repository &repository, Seen &seen) const;

private:
    void see_btrfs(const Job &job, SourceSeen &source, Seen &seen);
    [[nodiscard]] std::vector<std::string> others_below(const Job &job, const std::string &source, const Mount &mount) const;

    MountTable mounts_;
    std::vector<std::string> swap_files_ = active_swap_files();
};

} // namespace igotchuu::doctor
