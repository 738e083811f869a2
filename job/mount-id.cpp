// SPDX-License-Identifier: MIT
#include "job/mount-id.hpp"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace igotchuu
{

MountId mount_id(const Fd &file) noexcept
{
    struct statx status{};
    if (statx(file.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0 || !(status.stx_mask & STATX_MNT_ID))
        return {};
    return {.id = status.stx_mnt_id, .is_root = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0};
}

void take_off(int from, const std::string &name, std::uint64_t id) noexcept
{
    const Fd root{openat(from, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (const auto found = mount_id(root); found.id != id || !found.is_root)
        return;
    std::array<char, 40> path{}; // by descriptor: the name may lead elsewhere by now
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", root.get());
    umount2(path.data(), MNT_DETACH);
}

} // namespace igotchuu
