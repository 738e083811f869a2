// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/callers-namespace.hpp"

#include <cstdint>
#include <string>

namespace igotchuu::retrieve
{

/// A directory that the caller sees, held by descriptor, and what we mount on it, until this object goes.
class MountPoint
{
public:
    /// Throws Failure where a link leads to `path`, which is absolute and normalised, or something is mounted on it; and std::system_error.
    MountPoint(const CallersNamespace &caller, std::string path);
    ~MountPoint(); ///< takes it off, though it is busy; nothing, where somebody has done so
    MountPoint(const MountPoint &) = delete;
    MountPoint &operator=(const MountPoint &) = delete;

    [[nodiscard]] const std::string &path() const noexcept { return path_; }
    [[nodiscard]] bool is_empty() const; ///< before attach(). Throws std::system_error
    /// Mounts `tree`, which nobody can reach yet (mount-tree.hpp), for the caller, and not for us. Nobody holds it here, so that others can unmount it. Once. Throws std::system_error.
    void attach(Fd tree);
    [[nodiscard]] std::uint64_t mount() const noexcept { return mount_; } ///< the id of what is mounted; 0: nothing is yet

private:
    const CallersNamespace &caller_;
    std::string path_, name_;
    Fd parent_, directory_;
    std::uint64_t mount_ = 0;
};

} // namespace igotchuu::retrieve
