// SPDX-License-Identifier: MIT
#pragma once

#include "exec/confine.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace igotchuu
{

/// A directory in memory, 0700, in this mount namespace alone: restic restores to it. What is in it is gone with this object, or with the process,
/// however that ends.
class RestoreDirectory
{
public:
    /// `inside`: the directory's path for restic; `root`: restic's root. Its parent is there, root's alone. `owner`: whom restic runs as, where that is not root.
    /// Throws std::system_error.
    RestoreDirectory(const std::string &root, std::string inside, const std::optional<Owner> &owner, std::uint64_t room);
    ~RestoreDirectory();
    RestoreDirectory(const RestoreDirectory &) = delete;
    RestoreDirectory &operator=(const RestoreDirectory &) = delete;

    [[nodiscard]] const std::string &inside() const noexcept { return inside_; }
    [[nodiscard]] const std::string &path() const noexcept { return path_; }

private:
    std::string inside_, path_;
};

} // namespace igotchuu
