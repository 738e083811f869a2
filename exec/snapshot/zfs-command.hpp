// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/zfs-list.hpp"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::zfs
{

/// The user property that marks a snapshot as ours, "INSTANCE:INVOCATION", set in the transaction that makes it. Only where it is set on the snapshot
/// itself does it count: one that is inherited, or was received with the snapshot of another machine, marks nothing.
inline constexpr std::string_view mark = "com.nyantec.igotchuu:run";

/// Throws Failure when a pool's disks are gone: whoever asks such a pool for something waits where no signal reaches him.
void refuse_suspended(std::string_view pool);

/// Whether the kernel knows the pool.
[[nodiscard]] bool is_imported(std::string_view pool);

/// How much of the pools is free, in percent: of the one with the least. Throws Failure.
[[nodiscard]] unsigned free_percent_of(const std::set<std::string> &pools);

/// `stop` as Tool's. All of these throw Failure.
[[nodiscard]] std::vector<FileSystem> file_systems_of(std::string_view pool, int stop);
[[nodiscard]] std::vector<std::string> snapshots_called_as_ours(std::string_view pool);
[[nodiscard]] std::vector<Written> written_to(std::span<const std::string> datasets); ///< of all their snapshots, the oldest first
[[nodiscard]] std::vector<Mark> marks_of(std::span<const std::string> snapshots); ///< one that is gone meanwhile has none

/// Destroys the snapshots DATASET@NAME of `datasets`, and nothing else. Returns a sentence about each that stays.
[[nodiscard]] std::vector<std::string> destroy(std::span<const std::string> datasets, std::string_view name);

/// The snapshots of one run. They go with this object (only tried: call remove() where it matters).
class Shot
{
public:
    explicit Shot(std::string run); ///< throws Failure when it is no run's mark
    ~Shot();
    Shot(const Shot &) = delete;
    Shot &operator=(const Shot &) = delete;

    /// Those of one pool at one instant. Throws Failure in the words of zfs; Cancelled. What was made until then goes with this object.
    void take(const std::set<std::string> &datasets, int stop);
    [[nodiscard]] const std::map<std::string, Found> &taken() const noexcept { return taken_; } ///< by dataset
    [[nodiscard]] std::string of(std::string_view dataset) const; ///< the snapshot's name

    /// Returns one sentence about each that stays.
    [[nodiscard]] std::vector<std::string> remove();
    void keep() noexcept { datasets_.clear(); } ///< from here on nothing is destroyed

private:
    std::string run_, name_;
    std::vector<std::string> datasets_; ///< that may have a snapshot of this run
    std::map<std::string, Found> taken_;
};

} // namespace igotchuu::zfs
