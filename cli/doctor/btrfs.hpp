// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"
#include "job/fd.hpp"

#include <string>
#include <vector>

/// linux/btrfs.h and /sys/fs/btrfs, as far as everybody may ask. `path` is for messages; everything throws std::system_error.
namespace igotchuu::doctor
{

[[nodiscard]] bool is_on_btrfs(const Fd &directory, const std::string &path);
/// Of the file system, as /sys/fs/btrfs has it.
[[nodiscard]] std::string btrfs_id(const Fd &directory, const std::string &path);

/// The directory at which the subvolume of `file` begins; that is looked for up to `top`, which it is at the latest. Empty: whoever asks may not look there.
[[nodiscard]] std::string beginning_of_subvolume(const std::string &file, const std::string &top);

/// The read-only subvolumes below the source `path`, the directory `source`, that are no snapshots of the source's own subvolume or of a writable one below it; and what is in
/// the directory of our own snapshots is not among them. What lies in a read-only one is not looked at.
[[nodiscard]] std::vector<std::string> read_only_subvolumes_below(const Fd &source, const std::string &path);

/// Whether /sys shows that file system: in containers it may not. The next two want it.
[[nodiscard]] bool is_in_sys(const std::string &id);
[[nodiscard]] bool has_quota_groups(const std::string &id);
/// How much metadata there is room for, with what no one has claimed yet.
[[nodiscard]] SpaceSeen metadata_space(const std::string &id, const std::string &path);

} // namespace igotchuu::doctor
