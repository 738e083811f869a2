// SPDX-License-Identifier: MIT
#pragma once

#include "exec/cover.hpp"
#include "exec/namespace.hpp"
#include "exec/open-beneath.hpp"
#include "exec/tree.hpp"
#include "job/fd.hpp"
#include "job/mount-table.hpp"

#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// What has to go on working though a frozen tree lies over it. Absolute real paths; what is not there is left alone.
struct Keep {
    std::vector<std::string> live{}; ///< directories that stay as they are now, and writable: the repository, the cache, the state
    std::vector<std::string> readable{}; ///< files: a frozen one will do, an empty directory in its place will not; read-only
    std::vector<std::string> programs{}; ///< files in a tree that must not be noexec
};

/// What is live in a view, for restic to leave out.
struct NotFrozen {
    std::vector<std::string> directories; ///< as a whole
    std::vector<std::string> contents; ///< mount points: the directory itself is the source's
};

/// Frozen trees, mounted read-only, nosuid, nodev and, but where programs lie, noexec over the very paths that they were taken from. Everything
/// below a source is reached by descriptor: never through a link, upwards or into another mount, and a directory that is not an empty stub of a
/// subvolume is not mounted over. Where somebody else than root could move a source, covers lie on the way to it. A view of "/" lies beside the
/// real one, in `scratch`, with the live /dev, /proc, /run and /sys in it.
class View
{
public:
    /// Of each source a tree for itself comes before those below it. Throws std::system_error and Failure, with the path. What was mounted until
    /// then is gone again.
    View(std::span<const Tree *const> trees, const Keep &keep, const Scratch &scratch);
    ~View();
    View(const View &) = delete;
    View &operator=(const View &) = delete;

    /// Where restic has to take its root; empty: where it is.
    [[nodiscard]] const std::string &root() const noexcept { return root_; }
    [[nodiscard]] const NotFrozen &not_frozen() const noexcept { return not_frozen_; }

    /// Throws Failure when a source's path no longer leads to the mount that was put there (mount id and inode), whoever moved it.
    void verify() const;
    void unmount(); ///< throws; at most once

private:
    struct Placed {
        std::string source;
        Place place;
        Fd directory;
    };
    struct Window;
    View() = default; // so that the destructor runs when the other constructor throws
    void place(const Tree &source, const Keep &keep, const Scratch &scratch);
    [[nodiscard]] Fd target_of(const Tree &source, const Scratch &scratch);
    [[nodiscard]] const Placed *around(const std::string &path) const;
    [[nodiscard]] static std::string below(const std::string &path, const Placed &source);
    enum class Use { written, read };
    [[nodiscard]] static std::vector<Window> windows(const std::string &path, const MountTable &mounts, Use use);
    void show(std::span<Window> windows, const std::string &path);
    [[nodiscard]] Fd look(const std::string &source) const;

    Covers covers_; // what is placed lies on them: it goes first
    std::vector<Placed> placed_;
    std::string root_;
    NotFrozen not_frozen_;
};

} // namespace igotchuu
