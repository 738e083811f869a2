// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace igotchuu::retrieve
{

/// What becomes of it here.
enum class Fate {
    made, ///< it is not there, and everything below it neither
    replaced, ///< it is there, and other than in the snapshot
    same, ///< it is there as in the snapshot, and stays
    left, ///< it is other than in the snapshot, and stays all the same: newer, or nothing is to be overwritten
    in_the_way, ///< it is no directory here and one in the snapshot, or the other way round; and stays
    merged, ///< a directory here and there: of what is in it each has its own fate
    elsewhere, ///< the same, but restored by a start of restic of its own: another file system is there, or the directory above is not for the person to write to; or the way to something wanted
};

/// What tells whether a file is still the one that was seen.
struct Seen {
    Seen() = default;
    explicit Seen(const struct stat &status)
        : device{status.st_dev}, inode{status.st_ino}, size{status.st_size}, seconds{status.st_mtim.tv_sec},
          nanoseconds{status.st_mtim.tv_nsec}
    {
    }
    friend bool operator==(const Seen &, const Seen &) = default;

    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    time_t seconds = 0;
    long nanoseconds = 0;
};

/// A file or a directory of a snapshot that is wanted back, or a directory on the way to one.
struct Wanted {
    std::string name; ///< bytes that are no UTF-8 are U+FFFD each
    mode_t mode = 0; ///< type and rights; 0: a directory on the way, of which nothing more is known
    uid_t user = 0;
    gid_t group = 0;
    std::uint64_t size = 0; ///< of a regular file
    std::uint64_t inode = 0; ///< that it had; names of one file have one
    std::optional<timespec> changed{}; ///< its mtime; nothing: one that restic could not say
    std::vector<Wanted> inside{};
    Fate fate = Fate::made;
    std::uint32_t alike =
        0; ///< how many the snapshot has that restic lists by this path: only of names that are no UTF-8 more than one
    bool is_other = false; ///< of a merged directory: its owner, rights or mtime are not those of the snapshot
    bool incomplete = false; ///< restic could not restore it whole, or another name of it
    bool arrived = false; ///< restored, as it is in the snapshot, and not yet at its place
    Seen here{}; ///< what is replaced

    [[nodiscard]] bool is_way() const noexcept { return mode == 0; }
    [[nodiscard]] bool is_directory() const noexcept { return is_way() || S_ISDIR(mode); }
};

/// Takes a line of `restic ls --json` into the tree below `root`, whose name is empty; a directory comes before what is in it. Another line is ignored.
void add_listed(Wanted &root, std::string_view line);

/// What `path`, absolute, names in it. Nothing: it is not there.
[[nodiscard]] Wanted *find(Wanted &root, std::string_view path);

/// Directories above `path` are on the way to it, whatever restic has listed of them.
void take_for_way(Wanted &root, std::string_view path);

/// Whether a file that has the time `here` may have got it from `stored`: some file systems keep it to two seconds (FAT).
[[nodiscard]] bool is_time(const timespec &here, const timespec &stored) noexcept;

/// A time of restic's JSON, RFC 3339. Nothing: it is none.
[[nodiscard]] std::optional<timespec> listed_time(const std::string &text);

} // namespace igotchuu::retrieve
