// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <string>

namespace igotchuu
{

/// What is to be mounted, for mount(2).
struct Mounting {
    std::string type;
    std::string source;
    std::string options;
    std::string what; ///< for the message: "the top-level subvolume of /dev/sda1"
};

/// Mounts on the directory that `target` holds (`path` is its name, for the message), by libmount without helpers, and nothing is written to a table.
/// Throws std::system_error.
void mount_quietly(const Mounting &mounting, const Fd &target, const std::string &path);

} // namespace igotchuu
