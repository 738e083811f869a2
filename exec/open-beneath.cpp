// SPDX-License-Identifier: MIT
#include "exec/open-beneath.hpp"

#include "job/error.hpp"

#include <climits>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

namespace igotchuu
{
namespace
{

// glibc has no wrapper before 2.42.
Fd open_at(int directory, const std::string &path, int flags, std::uint64_t resolve)
{
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = resolve;
    for (;;) {
        const auto fd = static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how));
        if (fd >= 0 || errno != EAGAIN) // EAGAIN: somebody renamed something on the way, look again
            return Fd{fd};
    }
}

} // namespace

Fd open_beneath(const Fd &directory, std::string_view path, int flags)
{
    constexpr std::uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    Fd reached;
    while (path.size() >= PATH_MAX) { // in steps that the kernel takes
        const auto slash = path.rfind('/', PATH_MAX - 1);
        if (slash == std::string_view::npos || slash == 0) {
            errno = ENAMETOOLONG;
            return {};
        }
        Fd step =
            open_at(reached ? reached.get() : directory.get(), std::string{path.substr(0, slash)}, O_PATH | O_DIRECTORY, resolve);
        if (!step)
            return {};
        reached = std::move(step);
        path.remove_prefix(slash + 1);
    }
    return open_at(reached ? reached.get() : directory.get(), path.empty() ? "." : std::string{path}, flags, resolve);
}

Fd open_without_links(const std::string &path, int flags)
{
    return open_at(AT_FDCWD, path, flags, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

Place place_of(const Fd &file, const std::string &path)
{
    struct statx status{};
    if (statx(file.get(), "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &status) < 0)
        fail(errno, "cannot look at {}", path);
    if (!(status.stx_mask & STATX_MNT_ID)) // kernel 5.8
        fail(ENOSYS, "cannot read the mount that {} is on", path);
    return {.mount_id = status.stx_mnt_id, .inode = status.stx_ino};
}

} // namespace igotchuu
