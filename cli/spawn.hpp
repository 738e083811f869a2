// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <spawn.h>
#include <string>
#include <vector>

namespace igotchuu
{

/// What posix_spawn(3) does with descriptors, until this object is gone.
struct FileActions : posix_spawn_file_actions_t {
    FileActions() { posix_spawn_file_actions_init(this); }
    ~FileActions() { posix_spawn_file_actions_destroy(this); }
    FileActions(const FileActions &) = delete;
    FileActions &operator=(const FileActions &) = delete;
};

/// Of a child that no signal is blocked for, as ours may be.
struct Attributes : posix_spawnattr_t {
    explicit Attributes(const sigset_t &by_default); ///< those that are not ignored either
    ~Attributes() { posix_spawnattr_destroy(this); }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
};

/// For exec(3), as long as `words` are there.
[[nodiscard]] std::vector<char *> arguments_of(const std::vector<std::string> &words);

} // namespace igotchuu
