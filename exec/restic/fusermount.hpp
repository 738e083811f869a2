// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <span>
#include <string>
#include <string_view>

namespace igotchuu::restic
{

// restic knows one way to a file system that it can serve: it starts the fusermount3(1) of its PATH, which mounts, and takes the connection to the kernel from it. Here links of
// that name, and of fusermount, as restic 0.18.0 calls it, lead to igotchuu-exec, which hands over a connection whose file system is mounted by ourselves. So restic needs no right to mount, and the machine no fusermount3.
// https://github.com/libfuse/libfuse, util/fusermount.c: the variable _FUSE_COMMFD.

/// /dev/fuse, of `root`, with a number that restic hands on to what it starts. Throws std::system_error, and Failure where there is none.
[[nodiscard]] Fd new_fuse_connection(const Fd &root);
/// "NAME=value", for restic's environment; it has to inherit the connection, too.
[[nodiscard]] std::string variable_of(const Fd &connection);

/// Whether we were started as that program; what it does then, and its exit status. Throws Failure and std::system_error.
[[nodiscard]] bool is_fusermount(std::string_view program);
[[nodiscard]] int be_fusermount(std::span<const std::string> arguments);

} // namespace igotchuu::restic
