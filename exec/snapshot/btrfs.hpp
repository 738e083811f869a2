// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace igotchuu::btrfs
{

/// What becomes of nested subvolumes that are read-only, and of all below them: other programs' snapshots, mostly.
enum class NestedReadOnly { leave_out, include };

/// Which of the nested subvolumes are snapshotted.
struct NestedWanted {
    std::uint32_t most; ///< and no more
    NestedReadOnly read_only = NestedReadOnly::leave_out;
    IsExcluded is_excluded{}; ///< those are as if they were not there, with what is below them
};

/// The snapshots of all subvolumes that `sources` lie on or contain, read-only, in the pool of each file system: the directory ".igotchuu" at
/// its top, root's, 0700, reached by a private mount of the top-level subvolume. Layout: .igotchuu/INSTANCE:INVOCATION/N/snapshot.
/// linux/btrfs.h; btrfs(5).
class Snapshots : public Frozen
{
public:
    /// Needs a mount namespace of its own (see view.hpp): mounts the top-level subvolumes on `scratch`, an empty directory on a private mount.
    /// `sources` are absolute, normalised, and directories. Throws with the path and the remedy: not btrfs; an active swap file; the file system
    /// is read-only or full; the pool is a link, not root's or open to others. What was made until then is gone again.
    Snapshots(std::span<const std::string> sources, std::string run, const std::string &scratch, std::uint32_t nested_max,
              NestedReadOnly read_only = NestedReadOnly::leave_out, IsExcluded is_excluded = {});
    explicit Snapshots(const Adoption &adoption); ///< those that another run has kept
    ~Snapshots() override;
    Snapshots(Snapshots &&) noexcept;
    Snapshots &operator=(Snapshots &&) noexcept;

    /// Under 1 % of a file system, 1 GiB, and half of what was free at the instant.
    [[nodiscard]] std::string short_of_space() const override;
    /// Since the mounts of the top-level subvolumes are writable.
    void hide() override;
    void remove() override;
    void keep() noexcept override;
    void close() override;
    [[nodiscard]] unsigned free_percent() const override;
    [[nodiscard]] std::string version() const override;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

extern const Method method;

} // namespace igotchuu::btrfs
