// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

struct Mount {
    std::uint64_t id = 0;
    std::uint64_t parent = 0;
    std::uint64_t device = 0;
    std::string type;
    std::string source; ///< "/dev/sda1", "tank/home", "tmpfs"
    std::string root; ///< what of its file system is shown
    std::string target;
    bool file_system_read_only = false; ///< not only this mount of it
    bool of_the_kernel = false; ///< it shows the kernel (proc, sysfs), and no files
};

/// Whether another machine or a program serves it, which may not answer: whoever asks a dead one waits for ever.
[[nodiscard]] bool is_served(const Mount &mount);

/// Whether its file system takes snapshots of itself, by which snapshot = "auto" freezes.
[[nodiscard]] bool has_snapshots(const Mount &mount);

/// The files that the kernel swaps to (/proc/swaps). Where that cannot be seen: none.
[[nodiscard]] std::vector<std::string> active_swap_files();

/// This namespace's mounts (/proc/self/mountinfo), as they were when it was made. libmount.
class MountTable
{
public:
    explicit MountTable(const char *mountinfo = "/proc/self/mountinfo"); ///< throws std::system_error

    /// The mount with that id (STATX_MNT_ID). Throws Failure when there is none.
    [[nodiscard]] const Mount &at(std::uint64_t id) const;

    /// The mount that `path`, which is absolute and normalised, lies on, by its name alone: nobody is asked. nullptr: there is none.
    [[nodiscard]] const Mount *named(std::string_view path) const;

    [[nodiscard]] const std::vector<Mount> &all() const noexcept { return mounts_; }

    /// The name that `path`, on the mount `id`, has in its file system, whatever is mounted where.
    [[nodiscard]] std::string inside(const std::string &path, std::uint64_t id) const;

    /// Whether `mount` shows there what would be there without it: a nested subvolume in its own place, a unit's ReadWritePaths=.
    [[nodiscard]] bool shows_the_same(const Mount &mount) const;
    /// The one that it shows the same as: what a unit's ProtectHome= puts over /home is not what is mounted on it.
    [[nodiscard]] const Mount &real(const Mount &mount) const;

    /// Where something else that could be backed up is mounted below `source`, a directory on the mount `id`.
    struct Other {
        std::string target;
        bool in_memory; ///< a tmpfs: gone at the next boot in any case
        friend bool operator==(const Other &, const Other &) = default;
    };
    [[nodiscard]] std::vector<Other> others_below(const std::string &source, std::uint64_t id) const;

private:
    std::vector<Mount> mounts_; ///< in the order of the file
};

/// Where on the way to `path`, which is absolute and normalised, fstab(5) has a file system that is not mounted; empty: nowhere, or there is no fstab.
[[nodiscard]] std::string unmounted_above(std::string_view path, const MountTable &mounts, const char *fstab = "/etc/fstab");

} // namespace igotchuu
