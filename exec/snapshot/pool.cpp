// SPDX-License-Identifier: MIT
#include "exec/snapshot/pool.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/mount-quietly.hpp"
#include "job/error.hpp"
#include "job/mount-table.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <format>
#include <memory>

namespace igotchuu::btrfs
{

Fd open_source(const std::string &path)
{
    Fd source = open_without_links(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!source) {
        const int error = errno;
        if (error == ELOOP || error == ENOTDIR) { // ENOTDIR: the last component may be a link too
            const std::unique_ptr<char, decltype(&free)> real{realpath(path.c_str(), nullptr), free};
            if (real && real.get() != path)
                throw Failure{std::format("the source {} is a symbolic link, or leads through one: name the real path, {}", path,
                                          real.get())};
        }
        fail(error, "cannot open the source {}", path);
    }
    if (!on_btrfs(source, path))
        throw Failure{std::format(
            "cannot snapshot {}: it lies on {} and no longer on btrfs: something was mounted or unmounted this very moment; try "
            "again",
            path, MountTable{}.at(place_of(source, path).mount_id).type)};
    return source;
}

namespace
{

std::string name_of(const FileSystem &file_system)
{
    std::string name;
    for (const auto byte : file_system.id)
        name += std::format("{:02x}", byte);
    return name;
}

} // namespace

TopLevel::TopLevel(const Fd &directory, const std::string &path, const std::string &scratch)
    : read_only_{MountTable{}.at(place_of(directory, path).mount_id).file_system_read_only}
{
    const auto on = file_system(directory, path);
    if (on.device.empty())
        throw Failure{std::format("cannot snapshot {}: none of the devices of its file system has a node in /dev", path)};
    device_ = on.device;
    mount_point_ = scratch + '/' + name_of(on);
    if (mkdir(mount_point_.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {}", mount_point_);
    const Fd target{open(mount_point_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!target)
        fail(errno, "cannot open {}", mount_point_);
    // "rw" would make a file system writable again that the host has mounted read-only (from kernel 6.8 on).
    mount_quietly({.type = "btrfs",
                   .source = device_,
                   .options = std::format("{},nosuid,nodev,noexec,noatime,subvolid={}", read_only_ ? "ro" : "rw", top_level_id),
                   .what = "the top-level subvolume of " + device_},
                  target, mount_point_);
    mounted_ = true;
    root_ = Fd{open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    const int error = errno;
    if (!root_ || !on_btrfs(root_, mount_point_) || file_system(root_, mount_point_).id != on.id) {
        umount2(mount_point_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
        if (!root_)
            fail(error, "cannot open {}", mount_point_);
        throw Failure{
            std::format("{} is no longer the device of {}: something changed in this very moment; try again", device_, path)};
    }
}

TopLevel::~TopLevel()
{
    root_ = {};
    if (mounted_ && umount2(mount_point_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
        rmdir(mount_point_.c_str());
}

void TopLevel::hide()
{
    take_off(MNT_DETACH);
}

void TopLevel::unmount()
{
    root_ = {};
    if (mounted_)
        take_off(0);
}

void TopLevel::take_off(int flags)
{
    if (umount2(mount_point_.c_str(), flags | UMOUNT_NOFOLLOW) < 0)
        fail(errno, "cannot unmount the top-level subvolume of {} from {}", device_, mount_point_);
    mounted_ = false;
    if (rmdir(mount_point_.c_str()) < 0)
        fail(errno, "cannot remove {}", mount_point_);
}

std::optional<Fd> find_pool(const TopLevel &top)
{
    const auto refuse = [&](std::string_view why) {
        throw Failure{
            std::format("the directory of the snapshots, {} at the top of the btrfs on {}, {}: whoever can change it could put "
                        "something else in the place of a snapshot. See what it is, and remove it or move it away "
                        "(mount -o subvolid={} {} /mnt shows it)",
                        pool_name, top.device(), why, top_level_id, top.device())};
    };
    Fd pool{openat(top.root().get(), std::string{pool_name}.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!pool) {
        if (errno == ENOENT)
            return std::nullopt;
        if (errno == ELOOP || errno == ENOTDIR)
            refuse("is a link or no directory");
        fail(errno, "cannot open {} at the top of {}", pool_name, top.device());
    }
    struct stat status{};
    if (fstat(pool.get(), &status) < 0)
        fail(errno, "cannot look at {} at the top of {}", pool_name, top.device());
    if (status.st_uid != 0)
        refuse(std::format("belongs to uid {} and not to root", status.st_uid));
    if (status.st_mode & 0077)
        refuse(std::format("has mode {:04o} and not 0700", status.st_mode & 07777));
    if (status.st_ino == root_inode)
        refuse("is a subvolume of its own");
    return pool;
}

Fd make_pool(const TopLevel &top)
{
    if (mkdirat(top.root().get(), std::string{pool_name}.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {} at the top of the btrfs on {}", pool_name, top.device());
    auto pool = find_pool(top);
    if (!pool)
        fail(ENOENT, "cannot open {} at the top of the btrfs on {}", pool_name, top.device());
    return std::move(*pool);
}

std::vector<std::string> names_in(const Fd &directory, const std::string &path)
{
    struct Close {
        void operator()(DIR *stream) const { closedir(stream); }
    };
    const int again = openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, Close> stream{again < 0 ? nullptr : fdopendir(again)};
    if (!stream)
        fail(errno, "cannot read {}", path);
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent *const entry = readdir(stream.get());
        if (!entry && errno != 0)
            fail(errno, "cannot read {}", path);
        if (!entry)
            break;
        if (const std::string_view name{entry->d_name}; name != "." && name != "..")
            names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

Removal remove_run(const Fd &pool, const std::string &run, const std::string &device)
{
    Removal removal;
    const auto stays = [&](int error, const std::string &what) {
        if (++removal.staying == 1)
            removal.first =
                std::format("cannot delete {}/{} at the top of the btrfs on {}: {}{}", pool_name, what, device,
                            std::generic_category().message(error),
                            error == EPERM ? " (a default subvolume stays: btrfs subvolume set-default 5 MOUNTPOINT)" : "");
    };
    const Fd directory{openat(pool.get(), run.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!directory) {
        if (errno != ENOENT)
            stays(errno, run);
        return removal;
    }
    for (const auto &number : names_in(directory, run)) {
        if (number.find_first_not_of("0123456789") != std::string::npos)
            continue; // not ours; the directory that holds it then stays too
        const auto path = run + '/' + number;
        const Fd place{openat(directory.get(), number.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!place) {
            stays(errno, path);
            continue;
        }
        if (const int error = destroy_snapshot(place, snapshot_name); error != 0 && error != ENOENT)
            stays(error, path + '/' + snapshot_name);
        else if (unlinkat(directory.get(), number.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
            stays(errno, path);
    }
    if (removal.staying == 0 && unlinkat(pool.get(), run.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
        stays(errno, run);
    return removal;
}

} // namespace igotchuu::btrfs
