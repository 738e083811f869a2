// SPDX-License-Identifier: MIT
#include "exec/mount-tree.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>

namespace igotchuu
{

Fd copy_of_mount(const Fd &from, Submounts submounts, const std::string &path)
{
    const unsigned recursive = submounts == Submounts::included ? AT_RECURSIVE : 0;
    Fd tree{open_tree(from.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive)};
    if (!tree)
        fail(errno, "cannot take {} to show it", path);
    mount_attr attributes{};
    attributes.propagation = MS_PRIVATE;
    if (mount_setattr(tree.get(), "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes) < 0)
        fail(errno, "cannot keep {} from the host", path);
    return tree;
}

Fd new_directory_mount(uid_t user, gid_t group, const std::string &path)
{
    const Fd context{fsopen("tmpfs", FSOPEN_CLOEXEC)};
    const auto set = [&](const char *key, const std::string &value) {
        return context && fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
    };
    // By options of the mount: to chown it would take CAP_CHOWN, and to make anything in a directory of another's CAP_DAC_OVERRIDE.
    if (!set("source", "igotchuu") || !set("uid", std::to_string(user)) || !set("gid", std::to_string(group)) ||
        !set("mode", "0777") || !set("size", "64k") || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
        fail(errno, "cannot make a tmpfs for {}", path);
    Fd tree{fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)};
    if (!tree)
        fail(errno, "cannot make a tmpfs for {}", path);
    return tree;
}

Fd new_served_mount(const Fd &connection, const std::string &path)
{
    const Fd context{fsopen("fuse", FSOPEN_CLOEXEC)};
    const auto set = [&](const char *key, const std::string &value) {
        return context && fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
    };
    if (!set("source", "igotchuu") || !set("subtype", "restic") || !set("fd", std::to_string(connection.get())) ||
        !set("rootmode", "40000") || !set("user_id", "0") || !set("group_id", "0") ||
        fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) < 0 ||
        fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
        fail(errno, "cannot make a file system for {}", path);
    Fd tree{fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)};
    if (!tree)
        fail(errno, "cannot make a file system for {}", path);
    return tree;
}

void restrict_mount(const Fd &tree, Programs programs, const std::string &path)
{
    mount_attr all{};
    all.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    (programs == Programs::allowed ? all.attr_clr : all.attr_set) |= MOUNT_ATTR_NOEXEC; // a copy has what its origin has
    if (mount_setattr(tree.get(), "", AT_EMPTY_PATH, &all, sizeof all) < 0)
        fail(errno, "cannot make what is shown at {} read-only", path);
}

void attach(const Fd &tree, const Fd &target, const std::string &path)
{
    if (move_mount(tree.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        fail(errno, "cannot mount on {}", path);
}

int detach(const Fd &root) noexcept
{
    std::array<char, 40> path{}; // by descriptor: the path may lead elsewhere by now
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", root.get());
    return umount2(path.data(), MNT_DETACH) < 0 ? errno : 0;
}

} // namespace igotchuu
