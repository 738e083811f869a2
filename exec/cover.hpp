// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include <sys/stat.h>

namespace igotchuu
{

/// Ways on which nobody but root can put something else in the place of what is mounted at their end. A mount point of this namespace is a
/// plain directory on the host: who can rename it there moves the mount with it, or makes it vanish. So the topmost directory in which
/// somebody else than root can rename the next step is covered by one of our own, a tmpfs with its owner, mode and times, and in it there is
/// nothing but the next steps, covered in their turn.
class Covers
{
public:
    Covers() = default;
    ~Covers(); ///< unmounts what unmount() did not, with all that is mounted below it
    Covers(const Covers &) = delete;
    Covers &operator=(const Covers &) = delete;

    /// The directory or file at `path`, which is absolute and normalised, to mount something on it. Throws Failure with the real path when a
    /// link is on the way; std::system_error. What is found is the host's, or an empty one below a cover.
    [[nodiscard]] Fd reach(const std::filesystem::path &path);
    /// Whether a cover lies over it, or over a directory above it.
    [[nodiscard]] bool hide(const std::filesystem::path &path) const;
    void close(); ///< nothing more is added: they become read-only, and let go of the host's directories
    void unmount(); ///< throws; at most once

private:
    struct Cover {
        Fd directory; ///< ours: the mount's root
        Fd live; ///< the host's
        struct stat like;
    };
    [[nodiscard]] std::optional<std::filesystem::path> above(std::filesystem::path path) const;
    [[nodiscard]] Fd below(std::filesystem::path at, const std::filesystem::path &path);
    void add(const std::filesystem::path &path, const Fd &target, Fd live, const struct stat &like);

    std::map<std::filesystem::path, Cover> covers_; ///< a directory stands before what is in it
};

} // namespace igotchuu
