// SPDX-License-Identifier: MIT
#include "cli/doctor/btrfs.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view own_snapshots = ".igotchuu/"; ///< as exec/snapshot/pool.hpp has it
constexpr std::uint64_t read_only_root = 1; ///< BTRFS_ROOT_SUBVOL_RDONLY, of a header that C++ does not take
constexpr ino_t root_inode = 256; ///< of the root directory of every subvolume

using Uuid = std::array<std::uint8_t, BTRFS_UUID_SIZE>;

/// Of the subvolume that `directory` lies in.
struct Subvolume {
    Uuid uuid{}, origin{}; ///< `origin`: of what it is a snapshot of; zeroes: of nothing
    bool read_only = false;
};
Subvolume subvolume_of(const Fd &directory, const std::string &path)
{
    btrfs_ioctl_get_subvol_info_args args{};
    if (ioctl(directory.get(), BTRFS_IOC_GET_SUBVOL_INFO, &args) < 0) // 1 is a success too, on 6.18
        fail(errno, "cannot read what subvolume {} is in", path);
    Subvolume found{.read_only = (args.flags & read_only_root) != 0};
    std::ranges::copy(args.uuid, found.uuid.begin());
    std::ranges::copy(args.parent_uuid, found.origin.begin());
    return found;
}

/// Where a subvolume lies in another: the id of it, and the directory that holds it.
struct Reference {
    std::uint64_t id, directory;
};
std::vector<Reference> references_in(const Fd &directory, const std::string &path)
{
    std::vector<Reference> all;
    btrfs_ioctl_get_subvol_rootref_args args{};
    for (bool more = true; more;) {
        more = false;
        if (ioctl(directory.get(), BTRFS_IOC_GET_SUBVOL_ROOTREF, &args) < 0) {
            if (errno != EOVERFLOW) // there are more than fit
                fail(errno, "cannot list the subvolumes below {}", path);
            more = true;
        }
        for (const auto &reference : std::span{args.rootref}.first(args.num_items))
            all.push_back({reference.treeid, reference.dirid});
        args.min_treeid = all.empty() ? 0 : all.back().id + 1;
    }
    return all;
}

/// Relative to `directory`; empty: it lies elsewhere, or where whoever asks may not go.
std::string place_of(const Reference &reference, const Fd &directory)
{
    btrfs_ioctl_ino_lookup_user_args args{};
    args.treeid = reference.id;
    args.dirid = reference.directory;
    return ioctl(directory.get(), BTRFS_IOC_INO_LOOKUP_USER, &args) < 0 ? std::string{} : std::string{args.path} + args.name;
}

bool is_root_of_subvolume(const Fd &directory, const std::string &path)
{
    struct stat status{};
    return fstat(directory.get(), &status) == 0 && status.st_ino == root_inode && is_on_btrfs(directory, path);
}

class Walk
{
public:
    void into(const Fd &directory, const std::string &path)
    {
        for (const auto &reference : references_in(directory, path)) {
            const auto place = place_of(reference, directory);
            if (place.empty() || place.starts_with(own_snapshots))
                continue;
            const auto below = fs::path{path} / place;
            const Fd root{openat(directory.get(), place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
            if (!root || !is_root_of_subvolume(root, below)) // it is gone, hidden below a mount, or not for whoever asks
                continue;
            const auto subvolume = subvolume_of(root, below);
            if (subvolume.read_only) {
                read_only_.emplace_back(below, subvolume.origin);
            } else {
                in_backup_.insert(subvolume.uuid);
                into(root, below);
            }
        }
    }
    void knows(const Uuid &uuid) { in_backup_.insert(uuid); }
    [[nodiscard]] std::vector<std::string> strangers() const
    {
        std::vector<std::string> paths;
        for (const auto &[path, origin] : read_only_)
            if (!in_backup_.contains(origin))
                paths.push_back(path);
        return paths;
    }

private:
    std::set<Uuid> in_backup_;
    std::vector<std::pair<std::string, Uuid>> read_only_;
};

std::uint64_t number_in(const fs::path &file)
{
    std::uint64_t number = 0;
    std::ifstream{file} >> number;
    return number;
}

} // namespace

bool is_on_btrfs(const Fd &directory, const std::string &path)
{
    struct statfs status{};
    if (fstatfs(directory.get(), &status) < 0)
        fail(errno, "cannot look at the file system of {}", path);
    return status.f_type == BTRFS_SUPER_MAGIC;
}

std::string btrfs_id(const Fd &directory, const std::string &path)
{
    btrfs_ioctl_fs_info_args info{};
    if (ioctl(directory.get(), BTRFS_IOC_FS_INFO, &info) < 0)
        fail(errno, "cannot read the id of the file system of {}", path);
    std::string text;
    for (std::size_t at = 0; at < std::size(info.fsid); ++at)
        text += std::format("{}{:02x}", at == 4 || at == 6 || at == 8 || at == 10 ? "-" : "", info.fsid[at]);
    return text;
}

std::string beginning_of_subvolume(const std::string &file, const std::string &top)
{
    for (auto directory = fs::path{file}.parent_path();; directory = directory.parent_path()) {
        struct stat status{};
        if (stat(directory.c_str(), &status) < 0)
            return {};
        if (status.st_ino == root_inode || directory == top || directory == "/")
            return directory;
    }
}

std::vector<std::string> read_only_subvolumes_below(const Fd &source, const std::string &path)
{
    Walk walk;
    walk.knows(subvolume_of(source, path).uuid);
    walk.into(source, path);
    return walk.strangers();
}

bool is_in_sys(const std::string &id)
{
    return fs::exists(fs::path{"/sys/fs/btrfs"} / id);
}

bool has_quota_groups(const std::string &id)
{
    std::string mode; // of kernels before 6.7, which know no other, there is none
    const auto directory = fs::path{"/sys/fs/btrfs"} / id / "qgroups";
    std::ifstream{directory / "mode"} >> mode;
    return fs::exists(directory) && mode != "squota";
}

SpaceSeen metadata_space(const std::string &id, const std::string &path)
{
    const auto directory = fs::path{"/sys/fs/btrfs"} / id;
    std::uint64_t unclaimed = 0;
    for (const auto &device : fs::directory_iterator{directory / "devices"})
        unclaimed += number_in(device.path() / "size") * 512; // sectors, of whatever size the device's are
    for (const auto *const kind : {"data", "metadata", "system", "mixed"})
        unclaimed -= std::min(unclaimed, number_in(directory / "allocation" / kind / "disk_total"));
    const auto metadata = directory / "allocation" / (fs::exists(directory / "allocation/metadata") ? "metadata" : "mixed");
    const auto total = number_in(metadata / "total_bytes"), used = number_in(metadata / "bytes_used");
    const auto copies = total == 0 ? 1 : std::max<std::uint64_t>(1, number_in(metadata / "disk_total") / total);
    return {.path = path,
            .of = "its metadata",
            .all = total + unclaimed / copies,
            .free = total - std::min(total, used) + unclaimed / copies};
}

} // namespace igotchuu::doctor
