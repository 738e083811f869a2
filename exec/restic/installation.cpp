// SPDX-License-Identifier: MIT
#include "exec/restic/installation.hpp"

#include "exec/restic/programs.hpp"

#include <cstdlib>

namespace igotchuu::restic
{

namespace
{

std::string from_environment(const char *name, const char *otherwise)
{
    const auto *value = secure_getenv(name);
    return value ? value : otherwise;
}

} // namespace

Installation Installation::standard()
{
    return {
        .restic = programs::restic,
        .setpriv = programs::setpriv,
        .cache_directory = from_environment("CACHE_DIRECTORY", "/var/cache/igotchuu"),
        .credentials_directory = from_environment("CREDENTIALS_DIRECTORY", ""),
    };
}

} // namespace igotchuu::restic
