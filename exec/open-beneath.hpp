// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace igotchuu
{

/// Opens one name where it is: a link is ELOOP, whatever the `flags`; O_CLOEXEC is added. Returns nothing and leaves errno where it cannot.
[[nodiscard]] Fd open_step(const Fd &directory, const std::string &name, int flags);

/// Opens what `path` (relative, of any length; empty: the directory itself) names below `directory`: never through a link, never upwards, never
/// into another mount. `flags` as for open(2), O_CLOEXEC is added. Returns nothing and leaves errno where it cannot
/// (ELOOP: a link, EXDEV: another mount or upwards).
[[nodiscard]] Fd open_beneath(const Fd &directory, std::string_view path, int flags);

/// Opens a path in which no component is a link, below `from` and into other mounts, too. Returns nothing and leaves errno (ELOOP: one is).
[[nodiscard]] Fd open_without_links(const Fd &from, std::string_view path, int flags);
/// The same for an absolute path.
[[nodiscard]] Fd open_without_links(const std::string &path, int flags);

/// What identifies a place in this namespace: the mount and the inode in it.
struct Place {
    std::uint64_t mount_id;
    std::uint64_t inode;
    friend bool operator==(const Place &, const Place &) = default;
};
/// Throws std::system_error with `path`.
[[nodiscard]] Place place_of(const Fd &file, const std::string &path);

} // namespace igotchuu
