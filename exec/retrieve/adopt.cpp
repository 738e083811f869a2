// SPDX-License-Identifier: MIT
#include "exec/retrieve/adopt.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/limits.h>
#include <set>
#include <string>
#include <sys/xattr.h>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

std::set<std::string> attributes_of(const Fd &file)
{
    std::string list(XATTR_LIST_MAX, '\0');
    const auto size = flistxattr(file.get(), list.data(), list.size());
    std::set<std::string> names;
    for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
        const std::string name{list.c_str() + at};
        at += name.size() + 1;
        names.insert(name);
    }
    return names;
}

bool copy_attribute(const Fd &from, const Fd &to, const std::string &name)
{
    std::string value(XATTR_SIZE_MAX, '\0');
    const auto size = fgetxattr(from.get(), name.c_str(), value.data(), value.size());
    return size >= 0 && fsetxattr(to.get(), name.c_str(), value.data(), static_cast<std::size_t>(size), 0) == 0;
}

} // namespace

bool adopt_metadata(const Fd &from, const struct stat &status, const Fd &to)
{
    const Fd directory{openat(to.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory)
        return false;
    bool all = fchown(directory.get(), status.st_uid, status.st_gid) == 0;
    const auto stored = attributes_of(from);
    for (const auto &name : attributes_of(directory))
        if (!stored.contains(name))
            all &= fremovexattr(directory.get(), name.c_str()) == 0;
    for (const auto &name : stored)
        all &= copy_attribute(from, directory, name);
    all &= fchmod(directory.get(), status.st_mode & 07777U) == 0;
    const std::array times{status.st_atim, status.st_mtim};
    return futimens(directory.get(), times.data()) == 0 && all;
}

bool keeps_attributes(const Fd &directory)
{
    constexpr const char *name = "user.igotchuu";
    if (fsetxattr(directory.get(), name, "", 0, 0) < 0)
        return errno != ENOTSUP;
    fremovexattr(directory.get(), name);
    return true;
}

} // namespace igotchuu::retrieve
