// SPDX-License-Identifier: MIT
#include "exec/unanswered.hpp"

#include "job/mount-table.hpp"
#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds patience{10};

/// As systemd's fstype_is_network(), and what a program serves. "fuse.sshfs" and "fuseblk" begin with fuse.
bool is_served(std::string_view type)
{
    constexpr std::array<std::string_view, 12> all{"afs",  "ceph",   "cifs", "davfs", "fuse",  "glusterfs",
                                                   "gfs2", "lustre", "ncp",  "nfs",   "pvfs2", "smb3"};
    return type == "9p" || type == "sshfs" || std::ranges::any_of(all, [&](auto known) { return type.starts_with(known); });
}

/// The mount that `path` lies on, by its name alone: the innermost, and of those the last.
const Mount *mount_of(const std::string &path, const MountTable &mounts)
{
    const Mount *innermost = nullptr;
    for (const auto &mount : mounts.all())
        if (lies_below(path, mount.target) && (innermost == nullptr || mount.target.size() >= innermost->target.size()))
            innermost = &mount;
    return innermost;
}

bool answers(const std::string &path, int stop)
{
    const auto end = run({.arguments = {programs::stat, "--format=%i", "--", path},
                          .capabilities = "-all,+dac_read_search",
                          .at_most = patience,
                          .stop = stop});
    return end.status != 128 + SIGKILL;
}

} // namespace

std::vector<Unanswered> unanswered(std::span<const std::string> paths, int stop)
{
    const MountTable mounts;
    std::vector<Unanswered> all;
    for (const auto &path : paths)
        if (const auto *mount = mount_of(path, mounts); mount != nullptr && is_served(mount->type) && !answers(path, stop))
            all.push_back({path, mount->type});
    return all;
}

} // namespace igotchuu
