// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/btrfs-ioctl.hpp"
#include "job/fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igotchuu::btrfs
{

/// The directory of our snapshots at the top of a btrfs.
inline constexpr std::string_view pool_name = ".igotchuu";
inline const std::string snapshot_name = "snapshot";

/// A directory for reading, with the promise that it is on btrfs. Throws Failure with the remedy: missing, no directory, through a link, or on a
/// file system without snapshots.
[[nodiscard]] Fd open_source(const std::string &path);

/// The top-level subvolume of the btrfs that a directory is on, mounted where nobody else sees it: snapshots are reached from there whatever is
/// mounted at "/", and whatever subvolume or bind mount the directory was seen through. Writable, unless the file system as a whole is not.
class TopLevel
{
public:
    /// On a new directory in `scratch`. `path` is `directory`'s. Throws std::system_error, Failure.
    TopLevel(const Fd &directory, const std::string &path, const std::string &scratch);
    ~TopLevel();
    TopLevel(const TopLevel &) = delete;
    TopLevel &operator=(const TopLevel &) = delete;

    [[nodiscard]] const Fd &root() const noexcept { return root_; }
    [[nodiscard]] const std::string &device() const noexcept { return device_; }
    [[nodiscard]] bool read_only() const noexcept { return read_only_; }

    void hide(); ///< takes it away from its mount point: root() alone leads to it from here on
    void unmount(); ///< throws std::system_error, EBUSY while something of it is open and it is not hidden

private:
    void take_off(int flags);

    std::string device_;
    std::string mount_point_;
    bool read_only_;
    bool mounted_ = false;
    Fd root_;
};

/// The pool, made when it is not there. Throws Failure when it is a link, no directory, not root's or open to others.
[[nodiscard]] Fd make_pool(const TopLevel &top);
/// Nothing when there is none; throws as make_pool does.
[[nodiscard]] std::optional<Fd> find_pool(const TopLevel &top);

/// What is left of a run directory after remove_run.
struct Removal {
    std::uint32_t staying = 0; ///< things that could not be deleted
    std::string first; ///< one sentence about the first of them; empty: all is gone
};
/// Deletes RUN/N/snapshot for all numbers N, RUN/N and RUN; nothing else. Goes on after a failure; one that is not there is gone.
[[nodiscard]] Removal remove_run(const Fd &pool, const std::string &run, const std::string &device);

/// Names in a directory, "." and ".." not among them, sorted. Throws std::system_error.
[[nodiscard]] std::vector<std::string> names_in(const Fd &directory, const std::string &path);

} // namespace igotchuu::btrfs
