// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace igotchuu::retrieve
{

/// The paths of a snapshot, by their hashes: a million take some tens of MiB. Names that differ in bytes that are no UTF-8 alone are one.
class StoredPaths
{
public:
    void add(std::string_view path);
    [[nodiscard]] bool has(std::string_view path) const;
    [[nodiscard]] bool has_inside(std::string_view directory) const; ///< something of it

private:
    std::unordered_set<std::size_t> paths_, parents_;
};

/// Something below a source that is not in the backup, with all that is in it.
struct LeftOut {
    std::string path;
    std::uint64_t bytes = 0; ///< that it takes on the disk
    bool counted = true; ///< else nobody has looked into it
};
/// By why it was left out.
struct Audit {
    std::map<std::string, std::vector<LeftOut>> known{};
    std::vector<LeftOut> unknown{}; ///< nobody knows why
    std::uint64_t newer_bytes = 0; ///< changed or made since the backup, and no fault of it
    std::uint64_t in_backup = 0; ///< files that are in it
};

/// Goes through the sources as they are now, follows no link and looks into no other file system that is not in the backup. `written`: what igotchuu leaves out by itself. `swap`: the
/// files that the kernel swaps to. Of files that were there at the instant, and are left out for no other reason, the first byte is read.
/// Throws std::system_error and Cancelled.
[[nodiscard]] Audit audit(const Job &job, const std::vector<std::string> &written, const std::vector<std::string> &swap,
                          const StoredPaths &stored, std::chrono::sys_time<std::chrono::nanoseconds> instant,
                          const StopRequest &stop);

} // namespace igotchuu::retrieve
