// SPDX-License-Identifier: MIT
#include "exec/restore-directory.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <format>
#include <sys/mount.h>
#include <sys/stat.h>
#include <utility>

namespace igotchuu
{

RestoreDirectory::RestoreDirectory(const std::string &root, std::string inside, const std::optional<Owner> &owner,
                                   std::uint64_t room)
    : inside_{std::move(inside)}, path_{root + inside_}
{
    if (mkdir(path_.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {}", path_);
    const auto [user, group] = owner.value_or(Owner{0, 0});
    const auto options = std::format("mode=0700,size={},uid={},gid={}", room, user, group);
    if (mount("igotchuu", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) < 0)
        fail(errno, "cannot mount a tmpfs on {}", path_);
    if (mount(nullptr, path_.c_str(), nullptr, MS_PRIVATE, nullptr) < 0) {
        const int error = errno;
        umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
        fail(error, "cannot make {} private", path_);
    }
}

RestoreDirectory::~RestoreDirectory()
{
    umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

} // namespace igotchuu
