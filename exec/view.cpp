// SPDX-License-Identifier: MIT
#include "exec/view.hpp"

#include "exec/open-beneath.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <systemd/sd-login.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <memory>
#include <ranges>
#include <string_view>

namespace igotchuu
{
namespace
{

/// Whether this process is in a unit of ours, whose PrivateMounts= gave it a namespace: also where a filter of that unit forbids to make one.
bool in_own_unit()
{
    char *name = nullptr;
    if (sd_pid_get_unit(0, &name) < 0)
        return false;
    const std::unique_ptr<char, decltype(&free)> unit{name, free};
    const std::string_view text{unit.get()};
    if (!text.starts_with("igotchuu@") || !text.ends_with(".service"))
        return false;
    // Where PID 1 can be looked at, make sure. Where not, the unit has a sandbox, and so a namespace.
    std::array<char, PATH_MAX> own{}, first{};
    const auto own_size = readlink("/proc/self/ns/mnt", own.data(), own.size());
    const auto first_size = readlink("/proc/1/ns/mnt", first.data(), first.size());
    return own_size > 0 && !(own_size == first_size && own == first);
}

} // namespace

void enter_private_namespace()
{
    if (unshare(CLONE_NEWNS) < 0) {
        const int error = errno;
        if (error != EPERM || !in_own_unit())
            fail(error,
                 "cannot make a mount namespace (it needs CAP_SYS_ADMIN: run it as root, or with systemctl start igotchuu@NAME)");
    }
    if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) < 0)
        fail(
            errno,
            "cannot keep our mounts from the host (it needs CAP_SYS_ADMIN: run it as root, or with systemctl start igotchuu@NAME)");
}

Scratch::Scratch() : path_{"/run/igotchuu/scratch"}
{
    if (mount("igotchuu", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=1m") < 0)
        fail(errno, "cannot mount a tmpfs on {}{}", path_, errno == ENOENT ? " (systemd-tmpfiles --create makes it)" : "");
    if (mount(nullptr, path_.c_str(), nullptr, MS_PRIVATE, nullptr) < 0) {
        const int error = errno;
        umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
        fail(error, "cannot make {} private", path_);
    }
}

Scratch::~Scratch()
{
    umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

namespace
{

/// Opens a source, and makes sure that nobody but root can put something else at its path: no component is a link, and each stands in a
/// directory that only root can change, or in a sticky one and is root's. A mount point of this namespace can be renamed on the host.
Fd open_guarded(const std::string &source)
{
    if (source == "/")
        throw Failure{"cannot show a snapshot at /: the source / is not supported yet; name the directories below it instead"};
    Fd directory{open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    std::string path = "/";
    struct stat parent{};
    if (!directory || fstat(directory.get(), &parent) < 0)
        fail(errno, "cannot look at /");
    for (const auto part : std::string_view{source}.substr(1) | std::views::split('/')) {
        const std::string name{std::string_view{part}};
        const bool anybody = (parent.st_mode & (S_IWGRP | S_IWOTH)) != 0;
        const bool sticky = (parent.st_mode & S_ISVTX) != 0;
        if (parent.st_uid != 0 || (anybody && !sticky))
            throw Failure{
                std::format("the source {} lies below {}, in which {} can put something else in its place: not supported yet. Name "
                            "{} itself as the source",
                            source, path, parent.st_uid != 0 ? std::format("uid {}", parent.st_uid) : "more than root", path)};
        path += (path == "/" ? "" : "/") + name;
        directory = Fd{openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
        if (!directory || fstat(directory.get(), &parent) < 0)
            fail(errno, "cannot open {}", path);
        if (S_ISLNK(parent.st_mode))
            throw Failure{
                std::format("the source {} is a symbolic link, or leads through one: {}; name the real path", source, path)};
        if (!S_ISDIR(parent.st_mode))
            fail(ENOTDIR, "cannot show a snapshot at {}", path);
        if (anybody && parent.st_uid != 0)
            throw Failure{
                std::format("the source {} can be renamed by uid {}, who owns {} in a directory that all can write to: not "
                            "supported yet",
                            source, parent.st_uid, path)};
    }
    return directory;
}

/// Mounts `root` read-only on the directory `target`. The returned descriptor is of the new mount's root.
Fd mount_on(const Fd &target, const Fd &root, const std::string &path)
{
    Fd tree{open_tree(root.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)};
    if (!tree)
        fail(errno, "cannot show the snapshot of {}", path);
    mount_attr attributes{}; // before it can be reached by anybody
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    attributes.propagation = MS_PRIVATE;
    if (mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
        fail(errno, "cannot make the snapshot of {} read-only", path);
    if (move_mount(tree.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        fail(errno, "cannot mount the snapshot of {} over it", path);
    return tree;
}

constexpr std::uint64_t stub_inode = 2; // BTRFS_EMPTY_SUBVOL_DIR_OBJECTID; ZFS and the like have no nested trees inside of one

/// The mounted trees of one source by their path below it: a nested one is reached from the nearest that it lies in.
class Mounted
{
public:
    explicit Mounted(Fd root) { trees_.emplace("", std::move(root)); }

    void add(const Show &tree)
    {
        std::string_view parent = tree.below;
        auto found = trees_.end();
        while (found == trees_.end()) {
            const auto slash = parent.rfind('/');
            parent = slash == std::string_view::npos ? "" : parent.substr(0, slash);
            found = trees_.find(parent);
        }
        const auto path = std::format("{}/{}", tree.source, tree.below);
        const Fd target = open_beneath(found->second, std::string_view{tree.below}.substr(parent.empty() ? 0 : parent.size() + 1),
                                       O_PATH | O_DIRECTORY | O_NOFOLLOW);
        if (!target)
            fail(errno, "cannot reach the place of the nested subvolume {}", path);
        if (place_of(target, path).inode != stub_inode)
            throw Failure{std::format("{} is not the place of a nested subvolume: it would hide what is there", path)};
        trees_.emplace(tree.below, mount_on(target, tree.root, path));
    }

private:
    std::map<std::string, Fd, std::less<>> trees_;
};

} // namespace

View::View(std::span<const Show> trees) : View{}
{
    std::map<std::string_view, Mounted> mounted;
    for (const auto &tree : trees) {
        if (!tree.below.empty()) {
            const auto found = mounted.find(tree.source);
            if (found == mounted.end())
                throw Failure{
                    std::format("{}/{} has no place: the snapshot of {} is not mounted", tree.source, tree.below, tree.source)};
            found->second.add(tree);
            continue;
        }
        auto &placed = placed_.emplace_back(tree.source, 0, 0, Fd{}); // first, so that the destructor knows whatever is mounted
        placed.directory = mount_on(open_guarded(tree.source), tree.root, tree.source);
        const auto place = place_of(placed.directory, tree.source);
        placed.mount_id = place.mount_id;
        placed.inode = place.inode;
        Fd root{fcntl(placed.directory.get(), F_DUPFD_CLOEXEC, 0)};
        if (!root)
            fail(errno, "cannot keep {} open", tree.source);
        mounted.emplace(tree.source, Mounted{std::move(root)});
    }
}

View::~View()
{
    for (auto &placed : placed_ | std::views::reverse)
        umount2(std::format("/proc/self/fd/{}", placed.directory.get()).c_str(), MNT_DETACH);
}

void View::verify() const
{
    for (const auto &placed : placed_) {
        const Fd now = open_without_links(placed.source, O_PATH | O_DIRECTORY);
        if (!now || place_of(now, placed.source) != Place{placed.mount_id, placed.inode})
            throw Failure{
                std::format("{} no longer leads to its snapshot: somebody moved, removed or covered it while the backup ran, so "
                            "what was backed up cannot be trusted",
                            placed.source)};
    }
}

void View::unmount()
{
    // By descriptor, whatever the path leads to by now; lazily, since the nested ones lie on it. What holds a file open must not fail a backup.
    for (auto &placed : placed_ | std::views::reverse) {
        if (umount2(std::format("/proc/self/fd/{}", placed.directory.get()).c_str(), MNT_DETACH) < 0)
            fail(errno, "cannot unmount the snapshot from {}", placed.source);
        const Fd now = open_without_links(placed.source, O_PATH | O_DIRECTORY);
        if (now && place_of(now, placed.source).mount_id == placed.mount_id)
            throw Failure{std::format("the snapshot is still mounted over {} after it was unmounted", placed.source)};
    }
    placed_.clear();
}

} // namespace igotchuu
