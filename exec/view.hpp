// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// A private mount namespace, whose mounts the host never sees and whose tree is a slave of the host's: what the host unmounts goes here as
/// well. Inside a unit whose sandbox forbids a new one (RestrictNamespaces=) the unit's own serves. mount_namespaces(7).
/// Call it before anything is opened: descriptors from before cannot be mounted from. Throws with the remedy when there is no CAP_SYS_ADMIN.
void enter_private_namespace();

/// A root-owned tmpfs of this namespace, 0700, for mounts that nobody sees by path; unmounted lazily with all that lies on it.
class Scratch
{
public:
    Scratch(); ///< on /run/igotchuu/scratch, which exists
    ~Scratch();
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    [[nodiscard]] const std::string &path() const noexcept { return path_; }

private:
    std::string path_;
};

/// One frozen tree to show: `root` over the directory `below` of the view of `source` (empty: over the source itself).
struct Show {
    const std::string &source;
    const std::string &below;
    const Fd &root;
};

/// Frozen trees, mounted read-only, nosuid, nodev, noexec over the very paths that they were taken from; parents come before children.
/// Everything below a source is reached by descriptor: never through a link, upwards or into another mount, and a directory that is not
/// an empty stub of a subvolume is not mounted over.
class View
{
public:
    /// Throws std::system_error with the path. What was mounted until then is gone again.
    explicit View(std::span<const Show> trees);
    ~View();
    View(const View &) = delete;
    View &operator=(const View &) = delete;

    /// Throws Failure when a source's path no longer leads to the mount that was put there (mount id and inode), whoever moved it.
    void verify() const;
    void unmount(); ///< throws; at most once

private:
    View() = default; // so that the destructor runs when the other constructor throws
    struct Placed {
        std::string source;
        std::uint64_t mount_id;
        std::uint64_t inode;
        Fd directory;
    };
    std::vector<Placed> placed_;
};

} // namespace igotchuu
