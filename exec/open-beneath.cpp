// SPDX-License-Identifier: MIT
#include "exec/open-beneath.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>

namespace igotchuu
{
/// By openat(2), name by name, because the unit's RestrictSUIDSGID= takes openat2(2) away (its seccomp filter cannot look at the flags behind a
/// pointer, so systemd makes it ENOSYS).
Fd open_step(const Fd &directory, const std::string &name, int flags)
{
    Fd file{openat(directory.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC)};
    struct stat status{};
    if (file && (fstat(file.get(), &status) < 0 || S_ISLNK(status.st_mode))) {
        errno = ELOOP;
        return {};
    }
    return file;
}

namespace
{

std::optional<std::uint64_t> mount_id(int file)
{
    struct statx status{};
    if (statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0 || !(status.stx_mask & STATX_MNT_ID)) // kernel 5.8
        return {};
    return status.stx_mnt_id;
}

/// `only_mount`: where every step has to be; nothing: anywhere.
Fd walk(Fd reached, std::string_view path, int flags, const std::optional<std::uint64_t> &only_mount)
{
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string name{path.substr(0, slash)};
        path.remove_prefix(std::min(name.size() + 1, path.size()));
        if (name.empty() || name == ".")
            continue;
        if (name == "..") {
            errno = EXDEV;
            return {};
        }
        reached = open_step(reached, name, path.empty() ? flags : O_PATH);
        if (!reached)
            return {};
        if (only_mount && mount_id(reached.get()) != only_mount) {
            errno = EXDEV;
            return {};
        }
    }
    return reached;
}

} // namespace

Fd open_beneath(const Fd &directory, std::string_view path, int flags)
{
    Fd start{openat(directory.get(), ".", (path.empty() ? flags : O_PATH) | O_CLOEXEC)};
    const auto mount = start ? mount_id(start.get()) : std::nullopt;
    if (!mount)
        return {};
    return walk(std::move(start), path, flags, mount);
}

Fd open_without_links(const Fd &from, std::string_view path, int flags)
{
    return walk(Fd{openat(from.get(), ".", (path.empty() ? flags : O_PATH) | O_CLOEXEC)}, path, flags, {});
}

Fd open_without_links(const std::string &path, int flags)
{
    return walk(Fd{open("/", (path == "/" ? flags : O_PATH) | O_CLOEXEC)}, path, flags, {});
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
