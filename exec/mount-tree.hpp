// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace igotchuu
{

// Mounts that nobody can reach yet: what they may do is settled before they are attached anywhere. They are private. `path` is for what an
// exception says; all of these throw std::system_error. mount_namespaces(7), open_tree(2), fsopen(2), mount_setattr(2), move_mount(2).

enum class Submounts { left_out, included };
/// A copy of the mount that `from` is on, with `from`, a directory or a file, as its root.
[[nodiscard]] Fd copy_of_mount(const Fd &from, Submounts submounts, const std::string &path);

/// An empty directory in memory, of that owner, in which anybody may make files until its mode is set.
[[nodiscard]] Fd new_directory_mount(uid_t user, gid_t group, const std::string &path);

/// A file system that whoever reads `connection`, an open /dev/fuse, serves: for root alone, and read-only, without setuid and devices. It goes when nobody has the connection open
/// any more; what is mounted of it is dead then. fuse(4).
[[nodiscard]] Fd new_served_mount(const Fd &connection, const std::string &path);

/// Read-only, without setuid and devices; without programs, too, unless they are `allowed`.
enum class Programs { forbidden, allowed };
void restrict_mount(const Fd &tree, Programs programs, const std::string &path);

/// On a directory or file that is held by descriptor: no path is looked up. From here on `tree` is the root of what is mounted there.
void attach(const Fd &tree, const Fd &target, const std::string &path);

/// With all that is mounted on it, though it is busy, and wherever it was moved to meanwhile. `root` is a mount's. Returns errno or 0.
[[nodiscard]] int detach(const Fd &root) noexcept;

/// One that goes with this object.
class AttachedMount
{
public:
    AttachedMount() = default;
    explicit AttachedMount(Fd root) noexcept : root_{std::move(root)} {}
    AttachedMount(AttachedMount &&) noexcept = default;
    AttachedMount &operator=(AttachedMount &&) noexcept = default;
    ~AttachedMount()
    {
        if (root_)
            static_cast<void>(detach(root_));
    }
    [[nodiscard]] const Fd &root() const noexcept { return root_; }

private:
    Fd root_;
};

} // namespace igotchuu
