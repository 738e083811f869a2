// SPDX-License-Identifier: MIT
#include "exec/snapshot/btrfs-ioctl.hpp"

#include "job/error.hpp"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <format>

namespace igotchuu::btrfs
{

static_assert(top_level_id == BTRFS_FS_TREE_OBJECTID && root_inode == BTRFS_FIRST_FREE_OBJECTID &&
              stub_inode == BTRFS_EMPTY_SUBVOL_DIR_OBJECTID);

bool on_btrfs(const Fd &file, const std::string &path)
{
    struct statfs status{};
    if (fstatfs(file.get(), &status) < 0)
        fail(errno, "cannot look at the file system of {}", path);
    return status.f_type == BTRFS_SUPER_MAGIC;
}

FileSystem file_system(const Fd &directory, const std::string &path)
{
    btrfs_ioctl_fs_info_args info{};
    if (ioctl(directory.get(), BTRFS_IOC_FS_INFO, &info) < 0)
        fail(errno, "cannot read the id of the file system of {}", path);
    FileSystem found{};
    std::ranges::copy(info.fsid, found.id.begin());
    for (std::uint64_t device = 0; device <= info.max_id && found.device.empty(); ++device) { // 0 is there while one is replaced
        btrfs_ioctl_dev_info_args args{};
        args.devid = device;
        if (ioctl(directory.get(), BTRFS_IOC_DEV_INFO, &args) < 0)
            continue; // a hole in the numbers
        const auto *const name = reinterpret_cast<const char *>(args.path);
        struct stat status{};
        if (stat(name, &status) == 0 && S_ISBLK(status.st_mode))
            found.device = name;
    }
    return found;
}

std::string uuid(const FileSystem &file_system)
{
    std::string text;
    for (std::size_t i = 0; i < file_system.id.size(); ++i)
        text += std::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", file_system.id[i]);
    return text;
}

std::uint64_t subvolume_id(const Fd &directory, const std::string &path)
{
    btrfs_ioctl_ino_lookup_args args{}; // treeid 0: the tree that `directory` is in
    args.objectid = root_inode;
    if (ioctl(directory.get(), BTRFS_IOC_INO_LOOKUP, &args) < 0)
        fail(errno, "cannot read the subvolume id of {}", path);
    return args.treeid;
}

std::optional<std::string> path_in_subvolume(const Fd &any, std::uint64_t subvolume, std::uint64_t inode)
{
    btrfs_ioctl_ino_lookup_args args{};
    args.treeid = subvolume;
    args.objectid = inode;
    if (ioctl(any.get(), BTRFS_IOC_INO_LOOKUP, &args) < 0) {
        if (errno == ENOENT || errno == ENAMETOOLONG)
            return std::nullopt;
        fail(errno, "cannot find the path of inode {} of subvolume {}", inode, subvolume);
    }
    return args.name;
}

namespace
{

constexpr std::size_t search_buffer_size = 1U << 20U; // 10,000 subvolumes in 7 calls

template <typename Item>
Item item_at(const std::byte *where)
{
    Item item; // items stand unaligned in the buffer
    std::memcpy(&item, where, sizeof item);
    return item;
}

Subvolume parse_backref(const btrfs_ioctl_search_header &header, const std::byte *item, bool read_only)
{
    if (header.len < sizeof(btrfs_root_ref))
        fail(EUCLEAN, "cannot read the place of subvolume {}", std::uint64_t{header.objectid});
    const auto reference = item_at<btrfs_root_ref>(item);
    const std::size_t length = le16toh(reference.name_len);
    if (header.len < sizeof reference + length)
        fail(EUCLEAN, "cannot read the name of subvolume {}", std::uint64_t{header.objectid});
    return {.id = header.objectid,
            .parent = header.offset,
            .directory = le64toh(reference.dirid),
            .name = {reinterpret_cast<const char *>(item) + sizeof reference, length},
            .read_only = read_only};
}

} // namespace

std::vector<Subvolume> subvolumes(const Fd &any)
{
    std::vector<std::uint64_t> buffer((sizeof(btrfs_ioctl_search_args_v2) + search_buffer_size) / sizeof(std::uint64_t));
    auto &args = *reinterpret_cast<btrfs_ioctl_search_args_v2 *>(buffer.data());
    args.key.tree_id = BTRFS_ROOT_TREE_OBJECTID;
    args.key.min_objectid = root_inode; // of subvolumes as well, a ROOT_ITEM and a ROOT_BACKREF each, in this order
    args.key.max_objectid = BTRFS_LAST_FREE_OBJECTID;
    args.key.max_type = 0xff;
    args.key.max_offset = ~std::uint64_t{0};
    args.key.max_transid = ~std::uint64_t{0};

    std::vector<Subvolume> found;
    std::uint64_t read_only_id = 0;
    for (;;) {
        args.key.nr_items = ~std::uint32_t{0};
        args.buf_size = search_buffer_size;
        if (ioctl(any.get(), BTRFS_IOC_TREE_SEARCH_V2, &args) < 0)
            fail(errno, "cannot list the subvolumes");
        if (args.key.nr_items == 0)
            return found;
        const auto *at = reinterpret_cast<const std::byte *>(args.buf);
        btrfs_ioctl_search_header header{};
        for (std::uint32_t i = 0; i < args.key.nr_items; ++i) { // the kernel gives every item between the keys, of whatever type
            header = item_at<btrfs_ioctl_search_header>(at);
            at += sizeof header;
            if (header.type == BTRFS_ROOT_ITEM_KEY && header.len >= offsetof(btrfs_root_item, flags) + sizeof(std::uint64_t)) {
                if (le64toh(item_at<std::uint64_t>(at + offsetof(btrfs_root_item, flags))) & BTRFS_ROOT_SUBVOL_RDONLY)
                    read_only_id = header.objectid;
            } else if (header.type == BTRFS_ROOT_BACKREF_KEY) {
                found.push_back(parse_backref(header, at, header.objectid == read_only_id));
            }
            at += header.len;
        }
        args.key.min_objectid = header.objectid; // go on behind the last one
        args.key.min_type = header.type;
        args.key.min_offset = header.offset + 1;
        if (args.key.min_offset == 0 && ++args.key.min_type > args.key.max_type) {
            args.key.min_type = 0;
            ++args.key.min_objectid;
        }
    }
}

SubvolumeInfo subvolume_info(const Fd &root, const std::string &path)
{
    btrfs_ioctl_get_subvol_info_args args{};
    if (ioctl(root.get(), BTRFS_IOC_GET_SUBVOL_INFO, &args) < 0) // 1 is a success too, on 6.18
        fail(errno, "cannot read what subvolume {} is", path);
    const auto since_epoch = std::chrono::seconds{args.otime.sec} + std::chrono::nanoseconds{args.otime.nsec};
    return {.id = args.treeid,
            .created_in = args.otransid,
            .created =
                std::chrono::system_clock::time_point{std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)},
            .changed_in = args.ctransid};
}

namespace
{

std::uint64_t size_of_devices(const Fd &any, const std::string &path)
{
    btrfs_ioctl_fs_info_args info{};
    if (ioctl(any.get(), BTRFS_IOC_FS_INFO, &info) < 0)
        fail(errno, "cannot read how many devices the file system of {} has", path);
    std::uint64_t size = 0;
    for (std::uint64_t device = 1; device <= info.max_id; ++device) {
        btrfs_ioctl_dev_info_args args{};
        args.devid = device;
        if (ioctl(any.get(), BTRFS_IOC_DEV_INFO, &args) == 0) // else a hole in the numbers
            size += args.total_bytes;
    }
    return size;
}

std::vector<btrfs_ioctl_space_info> block_groups(const Fd &any, const std::string &path)
{
    btrfs_ioctl_space_args count{};
    if (ioctl(any.get(), BTRFS_IOC_SPACE_INFO, &count) < 0)
        fail(errno, "cannot read the space of {}", path);
    const auto slots = count.total_spaces + 8; // some may come meanwhile
    std::vector<std::uint64_t> buffer((sizeof count + slots * sizeof(btrfs_ioctl_space_info)) / sizeof(std::uint64_t) + 1);
    auto &args = *reinterpret_cast<btrfs_ioctl_space_args *>(buffer.data());
    args.space_slots = slots;
    if (ioctl(any.get(), BTRFS_IOC_SPACE_INFO, &args) < 0)
        fail(errno, "cannot read the space of {}", path);
    const auto *const begin = reinterpret_cast<const std::byte *>(&args) + sizeof args;
    std::vector<btrfs_ioctl_space_info> groups(std::min(args.total_spaces, slots));
    std::memcpy(groups.data(), begin, groups.size() * sizeof(btrfs_ioctl_space_info));
    return groups;
}

/// On how many devices each byte lies. btrfs(5), "PROFILES"; of RAID5 and RAID6 a part.
std::uint64_t copies(std::uint64_t profile)
{
    if (profile & BTRFS_BLOCK_GROUP_RAID1C4)
        return 4;
    if (profile & BTRFS_BLOCK_GROUP_RAID1C3)
        return 3;
    return profile & (BTRFS_BLOCK_GROUP_DUP | BTRFS_BLOCK_GROUP_RAID1 | BTRFS_BLOCK_GROUP_RAID10) ? 2 : 1;
}

} // namespace

Space metadata_space(const Fd &any, const std::string &path)
{
    std::uint64_t unallocated = size_of_devices(any, path), divided_by = 1;
    Space space{};
    for (const auto &group : block_groups(any, path)) {
        if (group.flags & BTRFS_SPACE_INFO_GLOBAL_RSV) // is within the metadata
            continue;
        unallocated -= std::min<std::uint64_t>(unallocated, group.total_bytes * copies(group.flags));
        if (group.flags & BTRFS_BLOCK_GROUP_METADATA) {
            space.all += group.total_bytes;
            space.free += group.total_bytes - group.used_bytes;
            divided_by = copies(group.flags);
        }
    }
    return {space.all + unallocated / divided_by, space.free + unallocated / divided_by};
}

void start_sync(const Fd &any) noexcept
{
    std::uint64_t transaction = 0;
    ioctl(any.get(), BTRFS_IOC_START_SYNC, &transaction); // a file system that cannot will say so at the snapshots
}

namespace
{

int with_name(const Fd &directory, unsigned long request, btrfs_ioctl_vol_args_v2 args, const std::string &name)
{
    if (name.size() >= sizeof args.name)
        return ENAMETOOLONG;
    std::ranges::copy(name, args.name);
    return ioctl(directory.get(), request, &args) < 0 ? errno : 0;
}

} // namespace

int create_snapshot(const Fd &origin, const Fd &into, const std::string &name)
{
    btrfs_ioctl_vol_args_v2 args{};
    args.fd = origin.get();
    args.flags = BTRFS_SUBVOL_RDONLY;
    return with_name(into, BTRFS_IOC_SNAP_CREATE_V2, args, name);
}

int destroy_snapshot(const Fd &from, const std::string &name)
{
    return with_name(from, BTRFS_IOC_SNAP_DESTROY_V2, {}, name);
}

} // namespace igotchuu::btrfs
