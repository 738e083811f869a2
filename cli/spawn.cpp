// SPDX-License-Identifier: MIT
#include "cli/spawn.hpp"

namespace igotchuu
{

Attributes::Attributes(const sigset_t &by_default)
{
    posix_spawnattr_init(this);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(this, &none);
    posix_spawnattr_setsigdefault(this, &by_default);
    posix_spawnattr_setflags(this, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

std::vector<char *> arguments_of(const std::vector<std::string> &words)
{
    std::vector<char *> arguments;
    for (const auto &word : words)
        arguments.push_back(const_cast<char *>(word.c_str())); // exec(3) wants char *const[] and writes nothing
    arguments.push_back(nullptr);
    return arguments;
}

} // namespace igotchuu
