// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// linux/btrfs.h, one ioctl a function. Every descriptor is of a directory on btrfs (on_btrfs() first: drivers reuse ioctl numbers), opened for
/// reading, not O_PATH. `path` is for the message. All throw std::system_error.
namespace igotchuu::btrfs
{

inline constexpr std::uint64_t top_level_id = 5;
inline constexpr std::uint64_t root_inode = 256; ///< of the root directory of every subvolume
inline constexpr std::uint64_t stub_inode = 2; ///< of the directory that a snapshot has where a nested subvolume was

[[nodiscard]] bool on_btrfs(const Fd &file, const std::string &path);

struct FileSystem {
    std::array<std::uint8_t, 16> id;
    std::string device; ///< one that it has and that is there; empty: none is
};
[[nodiscard]] FileSystem file_system(const Fd &directory, const std::string &path);
[[nodiscard]] std::string uuid(const FileSystem &file_system); ///< as blkid(8) shows it

/// The subvolume that `directory` lies in.
[[nodiscard]] std::uint64_t subvolume_id(const Fd &directory, const std::string &path);

/// Where the directory `inode` lies in `subvolume`: empty or "a/b/". Nothing when it is not there, or when that has over 4,079 bytes.
[[nodiscard]] std::optional<std::string> path_in_subvolume(const Fd &any, std::uint64_t subvolume, std::uint64_t inode);

/// A subvolume, as the directory `directory` (an inode) of the subvolume `parent` holds it under `name`.
struct Subvolume {
    std::uint64_t id = 0;
    std::uint64_t parent = 0;
    std::uint64_t directory = 0;
    std::string name;
    bool read_only = false;

    friend bool operator==(const Subvolume &, const Subvolume &) = default;
};

/// All subvolumes of the file system but the top-level one, by id. 10,000 take 10 ms.
[[nodiscard]] std::vector<Subvolume> subvolumes(const Fd &any);

/// Of the subvolume whose root is open.
struct SubvolumeInfo {
    std::uint64_t id;
    std::uint64_t created_in; ///< the transaction (otransid): snapshots with the same one are one instant
    std::chrono::system_clock::time_point created;
    std::uint64_t changed_in; ///< the last transaction that changed anything in it (ctransid); a snapshot has that of its origin
};
[[nodiscard]] SubvolumeInfo subvolume_info(const Fd &root, const std::string &path);

struct Space {
    std::uint64_t all, free; ///< bytes
};
/// For metadata, what is not allocated yet among it. BTRFS_IOC_SPACE_INFO, unprivileged.
[[nodiscard]] Space metadata_space(const Fd &any, const std::string &path);

/// Starts the commit of the running transaction, if it can: what comes next is in another one, which waits for this.
void start_sync(const Fd &any) noexcept;

/// A read-only snapshot. Returns errno or 0: the caller has many at once, and knows what an error means for each.
[[nodiscard]] int create_snapshot(const Fd &origin, const Fd &into, const std::string &name);
/// Deletes it; the space comes back later. Returns errno or 0.
[[nodiscard]] int destroy_snapshot(const Fd &from, const std::string &name);

} // namespace igotchuu::btrfs
