// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::zfs
{

// What `zfs list` and `zfs get` print with -Hp: a line each, fields between tabs. zfs-list(8). The parsers throw Failure with the line that is not of
// that form: a list of which a part is not understood is no list.

/// Names that lie in `text`, a line each.
[[nodiscard]] std::vector<std::string> parse_names(std::string_view text);

/// -o name,canmount,keystatus,mountpoint. A mount point may hold tabs, so it comes last.
struct FileSystem {
    std::string name;
    bool mounts_itself = false; ///< canmount=on
    bool mounts_never = false; ///< canmount=off
    bool key_missing = false; ///< encrypted, and its key is not loaded
    std::string mount_point; ///< absolute, or "legacy", "none"
};
[[nodiscard]] std::vector<FileSystem> parse_file_systems(std::string_view text);

/// -o name,createtxg,creation,userrefs, of file systems, too.
struct Found {
    std::string name;
    std::uint64_t transaction = 0; ///< that made it: what is of the same pool and transaction is of the same instant
    std::chrono::system_clock::time_point created; ///< whole seconds
    std::uint64_t holds = 0; ///< zfs-hold(8)
};
[[nodiscard]] std::vector<Found> parse_found(std::string_view text);

/// -o name,guid,written, of snapshots.
struct Written {
    std::string snapshot;
    std::string guid; ///< in digits; no other snapshot has it but copies, which are the same
    std::uint64_t bytes = 0; ///< since the snapshot of the same dataset before it
};
[[nodiscard]] std::vector<Written> parse_written(std::string_view text);

/// The guid of the oldest snapshot that `snapshot` is the same as: nothing was written between any two from that one on. Empty: something was written since the
/// one before it, or there is none. `all`: of one dataset or several, of each in the order in which they were made.
[[nodiscard]] std::string same_as(std::span<const Written> all, std::string_view snapshot);

/// -o name,source,value of a property.
struct Mark {
    std::string snapshot;
    bool its_own = false; ///< set on the snapshot itself: neither inherited nor received
    std::string run; ///< "-": not set
};
[[nodiscard]] std::vector<Mark> parse_marks(std::string_view text);

/// -o value of used and available of a pool: how much of it is free, in percent.
[[nodiscard]] unsigned parse_free_percent(std::string_view text);

[[nodiscard]] std::string_view pool_of(std::string_view name); ///< "tank" of "tank/home@monday"
[[nodiscard]] std::string_view dataset_of(std::string_view snapshot); ///< "tank/home"

/// The lowest dataset that all of `datasets`, at least one, are or lie below; empty: they are of several pools.
[[nodiscard]] std::string_view common_to(std::span<const std::string> datasets);

/// "igotchuu-INVOCATION": instances have characters that a snapshot's name cannot have.
inline constexpr std::string_view name_begin = "igotchuu-";
[[nodiscard]] std::string snapshot_name(std::string_view invocation);

/// Whether a snapshot is called as ours are.
[[nodiscard]] bool called_as_ours(std::string_view snapshot);

} // namespace igotchuu::zfs
