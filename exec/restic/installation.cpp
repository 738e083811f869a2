// SPDX-License-Identifier: MIT
#include "exec/restic/installation.hpp"

#include "exec/programs.hpp"

#include <cstdlib>
#include <filesystem>
#include <link.h>
#include <system_error>

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
        .chroot = programs::chroot,
        .cache_directory = from_environment("CACHE_DIRECTORY", "/var/cache/igotchuu"),
        .credentials_directory = from_environment("CREDENTIALS_DIRECTORY", ""),
    };
}

std::vector<std::string> Installation::programs() const
{
    std::vector<std::string> all{restic, setpriv, chroot};
    const auto add = [](dl_phdr_info *object, std::size_t, void *to) {
        static_cast<std::vector<std::string> *>(to)->emplace_back(object->dlpi_name);
        return 0;
    };
    dl_iterate_phdr(add, &all);
    for (auto &path : all) {
        std::error_code unknown; // the vdso has no file
        path = std::filesystem::canonical(path, unknown);
    }
    std::erase(all, "");
    return all;
}

} // namespace igotchuu::restic
