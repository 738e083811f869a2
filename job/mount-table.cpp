// SPDX-License-Identifier: MIT
#include "job/mount-table.hpp"

#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <libmount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>

namespace igotchuu
{
namespace
{

std::string text(const char *maybe)
{
    return maybe ? maybe : "";
}

std::string below(std::string_view directory, std::string_view name)
{
    return std::string{directory == "/" && !name.empty() ? "" : directory} + std::string{name};
}

bool in_memory(std::string_view type)
{
    return type == "tmpfs" || type == "ramfs";
}

/// libmount counts some types that do hold data to those that do not: a fuse may be anybody's, an overlay lies on files, and an autofs stands for what
/// it mounts when somebody looks.
bool of_the_kernel(libmnt_fs *fs)
{
    const std::string type = text(mnt_fs_get_fstype(fs));
    return mnt_fs_is_pseudofs(fs) == 1 && !in_memory(type) && !type.starts_with("fuse") && type != "overlay" && type != "autofs" &&
           type != "virtiofs" && type != "vboxsf";
}

/// What zfs mounts by itself, for as long as somebody looks into a snapshot.
bool of_a_look_back(const Mount &mount)
{
    return mount.type == "zfs" && mount.source.contains('@') && mount.target.contains("/.zfs/snapshot/");
}

/// What the sandbox of this unit puts over what the host has there: PrivateTmp=, and what ProtectKernelModules= and the like make inaccessible.
bool of_the_unit(const Mount &mount)
{
    return mount.root.contains("/systemd-private-") || (in_memory(mount.type) && mount.root.ends_with("/inaccessible/dir"));
}

/// `path` behind `directory`, with its slash; empty when it is not below it.
std::string_view relative(std::string_view path, std::string_view directory)
{
    if (directory == "/")
        return path == "/" ? "" : path;
    if (!path.starts_with(directory) || path.size() == directory.size() || path[directory.size()] != '/')
        return "";
    return path.substr(directory.size());
}

bool shows_the_same_as(const Mount &parent, const Mount &mount)
{
    return mount.device == parent.device && mount.root == below(parent.root, relative(mount.target, parent.target));
}

} // namespace

/// As systemd's fstype_is_network(), and what a program serves. "fuse.sshfs" and "fuseblk" begin with fuse.
bool is_served(const Mount &mount)
{
    constexpr std::array<std::string_view, 12> all{"afs",  "ceph",   "cifs", "davfs", "fuse",  "glusterfs",
                                                   "gfs2", "lustre", "ncp",  "nfs",   "pvfs2", "smb3"};
    return mount.type == "9p" || mount.type == "sshfs" ||
           std::ranges::any_of(all, [&](auto known) { return mount.type.starts_with(known); });
}

bool has_snapshots(const Mount &mount)
{
    return mount.type == "btrfs" || mount.type == "zfs";
}

std::vector<std::string> active_swap_files()
{
    const std::unique_ptr<libmnt_table, decltype(&mnt_unref_table)> table{mnt_new_table(), mnt_unref_table};
    const std::unique_ptr<libmnt_iter, decltype(&mnt_free_iter)> iterator{mnt_new_iter(MNT_ITER_FORWARD), mnt_free_iter};
    std::vector<std::string> files;
    if (!table || !iterator || mnt_table_parse_swaps(table.get(), nullptr) != 0)
        return files;
    libmnt_fs *swap = nullptr;
    while (mnt_table_next_fs(table.get(), iterator.get(), &swap) == 0)
        if (const auto path = text(mnt_fs_get_source(swap)); !path.empty() && text(mnt_fs_get_swaptype(swap)) == "file")
            files.push_back(path);
    return files;
}

MountTable::MountTable(const char *mountinfo)
{
    const std::unique_ptr<libmnt_table, decltype(&mnt_unref_table)> table{mnt_new_table_from_file(mountinfo), mnt_unref_table};
    const std::unique_ptr<libmnt_iter, decltype(&mnt_free_iter)> iterator{mnt_new_iter(MNT_ITER_FORWARD), mnt_free_iter};
    if (!table || !iterator)
        fail(errno, "cannot read {}", mountinfo);
    libmnt_fs *fs = nullptr;
    while (mnt_table_next_fs(table.get(), iterator.get(), &fs) == 0) {
        const auto *const options = mnt_fs_get_fs_options(fs);
        mounts_.push_back({.id = static_cast<std::uint64_t>(mnt_fs_get_id(fs)),
                           .parent = static_cast<std::uint64_t>(mnt_fs_get_parent_id(fs)),
                           .device = mnt_fs_get_devno(fs),
                           .type = text(mnt_fs_get_fstype(fs)),
                           .source = text(mnt_fs_get_source(fs)),
                           .root = text(mnt_fs_get_root(fs)),
                           .target = text(mnt_fs_get_target(fs)),
                           .file_system_read_only = options && mnt_optstr_get_option(options, "ro", nullptr, nullptr) == 0,
                           .of_the_kernel = of_the_kernel(fs)});
    }
}

const Mount &MountTable::at(std::uint64_t id) const
{
    const auto found = std::ranges::find(mounts_, id, &Mount::id);
    if (found == mounts_.end())
        throw Failure{
            std::format("mount {} is not in /proc/self/mountinfo: something was unmounted this very moment; try again", id)};
    return *found;
}

const Mount *MountTable::named(std::string_view path) const
{
    const Mount *innermost = nullptr; // and of those the last
    for (const auto &mount : mounts_)
        if (lies_below(path, mount.target) && (innermost == nullptr || mount.target.size() >= innermost->target.size()))
            innermost = &mount;
    return innermost;
}

std::string MountTable::inside(const std::string &path, std::uint64_t id) const
{
    const Mount &mount = at(id);
    return below(mount.root, relative(path, mount.target));
}

bool MountTable::shows_the_same(const Mount &mount) const
{
    const auto parent = std::ranges::find(mounts_, mount.parent, &Mount::id);
    return parent != mounts_.end() && shows_the_same_as(*parent, mount);
}

const Mount &MountTable::real(const Mount &mount) const
{
    const bool is_root = mount.parent == mount.id; // of a machine that never left its initramfs
    return !is_root && shows_the_same(mount) ? real(at(mount.parent)) : mount;
}

std::vector<MountTable::Other> MountTable::others_below(const std::string &source, std::uint64_t id) const
{
    std::vector<Other> others;
    std::vector<const Mount *> shown{&at(id)}; // what is mounted on others goes with those
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const Mount &parent = *shown[i];
        for (const Mount &mount : mounts_) {
            if (mount.parent != parent.id || relative(mount.target, source).empty() || std::ranges::contains(shown, &mount))
                continue;
            const bool same = shows_the_same_as(parent, mount);
            const bool other = !same && !mount.of_the_kernel && !of_the_unit(mount) && !of_a_look_back(mount);
            if (other)
                others.push_back({mount.target, in_memory(mount.type)});
            if (same || (other && in_memory(mount.type) && mount.target != "/run")) // disks are mounted on a tmpfs, too
                shown.push_back(&mount);
        }
    }
    std::ranges::sort(others, {}, &Other::target);
    others.erase(std::ranges::unique(others, {}, &Other::target).begin(), others.end());
    return others;
}

std::string unmounted_above(std::string_view path, const MountTable &mounts, const char *fstab)
{
    const std::unique_ptr<libmnt_table, decltype(&mnt_unref_table)> table{mnt_new_table_from_file(fstab), mnt_unref_table};
    const std::unique_ptr<libmnt_iter, decltype(&mnt_free_iter)> iterator{mnt_new_iter(MNT_ITER_FORWARD), mnt_free_iter};
    libmnt_fs *fs = nullptr;
    while (table && iterator && mnt_table_next_fs(table.get(), iterator.get(), &fs) == 0) {
        const auto target = std::filesystem::path{text(mnt_fs_get_target(fs)) + '/'}.lexically_normal().parent_path().native();
        if (lies_below(path, target) && !std::ranges::contains(mounts.all(), target, &Mount::target))
            return target;
    }
    return {};
}

} // namespace igotchuu
