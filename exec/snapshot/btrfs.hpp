// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace igotchuu::btrfs
{

/// A frozen tree and the place where the job wants to see it. `root` is a directory on a mount that only this process's namespace has; whoever
/// shows it clones that mount (open_tree(2)).
struct Tree {
    std::string source; ///< the job's source that it belongs to
    std::string below; ///< path below the source, bytes; empty: the source itself
    Fd root; ///< O_PATH
};

/// What becomes of nested subvolumes that are read-only, and of all below them: other programs' snapshots, mostly.
enum class NestedReadOnly { leave_out, include };

/// What was found and done, for the report.
struct Census {
    std::uint32_t subvolumes = 0; ///< snapshotted
    std::uint32_t read_only_left_out = 0; ///< nested read-only ones, with what is below them
    std::uint32_t over_limit = 0; ///< nested ones beyond `limit`: not in the backup
    std::string limit; ///< "nested-max = 20000", or that of open files, where it is the lower one
    std::uint32_t left_out =
        0; ///< nested ones not in the backup for another reason: moved meanwhile, an active swap file, too deep
    std::vector<std::string> left_out_why; ///< one sentence about each of the first few; holds file names as they are
    std::vector<std::string>
        other_file_systems; ///< where something else is mounted below a source: an empty directory in the backup
    std::vector<std::string> in_memory; ///< the same, but what is there is gone at the next boot in any case
    std::vector<std::string> own_pools; ///< our pool, where it lies below a source: for restic to leave out
    std::uint32_t file_systems = 0;
    std::uint32_t transactions = 0; ///< in which the snapshots were taken: 1 is one instant
    std::chrono::microseconds window{}; ///< from the first ioctl to the last
};

/// The snapshots of all subvolumes that `sources` lie on or contain, read-only, in the pool of each file system: the directory ".igotchuu" at
/// its top, root's, 0700, reached by a private mount of the top-level subvolume. Layout: .igotchuu/INSTANCE:INVOCATION/N/snapshot.
/// linux/btrfs.h; btrfs(5).
class Snapshots
{
public:
    /// Needs a mount namespace of its own (see view.hpp): mounts the top-level subvolumes on `scratch`, an empty directory on a private mount.
    /// `sources` are absolute, normalised, and directories. Throws with the path and the remedy: not btrfs; an active swap file; the file system
    /// is read-only or full; the pool is a link, not root's or open to others. What was made until then is gone again.
    Snapshots(std::span<const std::string> sources, std::string run, const std::string &scratch, std::uint32_t nested_max,
              NestedReadOnly read_only = NestedReadOnly::leave_out);
    ~Snapshots(); ///< removes what remove() did not; cannot report
    Snapshots(Snapshots &&) noexcept;
    Snapshots &operator=(Snapshots &&) noexcept;

    [[nodiscard]] const std::vector<Tree> &trees() const noexcept; ///< parents before children
    [[nodiscard]] const Census &census() const noexcept;
    /// When the instant was. What restic's --time is given.
    [[nodiscard]] std::chrono::system_clock::time_point instant() const noexcept;

    /// A sentence when free space has become scarce (under 1 % of a file system, 1 GiB, and half of what was free at the instant): as long as there
    /// is a snapshot, what is deleted gives none back. Else empty.
    [[nodiscard]] std::string short_of_space() const;

    /// From here on nobody comes to the top-level subvolumes by a path: to be called when the trees are shown, before anything else is run, since
    /// those mounts are writable.
    void hide();

    /// Deletes the snapshots and unmounts the top-level subvolumes. Every view of them must be gone. Goes on after a failure and throws the first
    /// one at the end, with the number of snapshots that stay. At most once.
    void remove();

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// A run directory in a pool: "INSTANCE:INVOCATION".
struct Leftover {
    std::string instance;
    std::string run;
};
struct Reaped {
    std::vector<Leftover> removed;
    std::vector<std::string> stuck; ///< one sentence each: what stays, and why
    std::vector<std::string> foreign; ///< names in a pool that are not ours: never touched
};

/// Deletes what runs that are over have left in the pools of the file systems that `paths` lie on (one that is not there or not btrfs is skipped).
/// `is_over` is asked once for each run directory. One that cannot be deleted does not stop the rest.
[[nodiscard]] Reaped reap(std::span<const std::string> paths, const std::string &scratch,
                          const std::function<bool(const Leftover &)> &is_over);

} // namespace igotchuu::btrfs
