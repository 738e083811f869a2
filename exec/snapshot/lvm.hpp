// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/lvm-report.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// LVM's programs, one call a function: lvm(8). Each has its time, after which it is killed. `stop`: as Tool's. All throw Failure with what LVM said,
/// Cancelled, and std::system_error when LVM is not installed.
namespace igotchuu::lvm
{

/// Whether LVM is there, and this process may use it: in the unit of a job that needs none it may not.
[[nodiscard]] bool available();

/// All volumes of all groups.
[[nodiscard]] std::vector<Volume> volumes();

/// Up to how many per cent a pool may be in use where a snapshot is to be taken: where it is to grow by itself (thin_pool_autoextend_threshold), at most
/// most_percent.
inline constexpr double most_percent = 95; // of what is measured in MiB, or in TiB
[[nodiscard]] double limit_of_use();

/// A read-only thin snapshot of `origin`, in the same group. It has the mark `tag`, and nobody activates it who does not ask for it: it holds the same
/// file system, with the same UUID, as its origin.
void create_snapshot(const Volume &origin, const std::string &name, const std::string &tag, int stop);

/// Makes them block devices, though they are marked not to be activated. `names` as full_name().
void activate(std::span<const std::string> names, int stop);

/// The reverse. Tries again for some seconds, as remove() does.
void deactivate(std::span<const std::string> names);

/// Resumes what somebody who was killed has left suspended: whoever writes to it waits until then.
void resume(const Volume &volume);

/// Deletes them, and looks whether they are gone: one sentence for each that stays. One that is not there is gone. Tries again for some seconds: udev
/// opens each new device for a moment.
[[nodiscard]] std::vector<std::string> remove(std::span<const std::string> names);

} // namespace igotchuu::lvm
