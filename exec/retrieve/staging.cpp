// SPDX-License-Identifier: MIT
#include "exec/retrieve/staging.hpp"

#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>

namespace igotchuu::retrieve
{

namespace
{

/// A directory that is `user`'s alone.
Fd own_directory(const Fd &in, const std::string &name, const Person &user, const std::string &path)
{
    if (mkdirat(in.get(), name.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {}", printable(path));
    Fd directory = open_step(in, name, O_RDONLY | O_DIRECTORY);
    struct stat status{};
    if (!directory || fstat(directory.get(), &status) < 0)
        fail(errno, "cannot open {}", printable(path));
    if (status.st_uid == geteuid() && (status.st_mode & 07777U) != 0700 && fchmod(directory.get(), 0700) < 0) // the umask
        fail(errno, "cannot close {} to others", printable(path));
    if (status.st_uid == user.user && status.st_gid == user.group)
        return directory;
    if (fchown(directory.get(), user.user, user.group) < 0)
        fail(errno, "cannot give {} its owner", printable(path));
    return directory;
}

} // namespace

Staging::Staging(const Fd &directory, const std::string &path, const std::string &snapshot, const Way &way)
    : directory_{directory}, name_{".igotchuu-restore." + snapshot.substr(0, 16)},
      path_{std::format("{}/{}", path == "/" ? "" : path, name_)}
{
    {
        const RightsOf rights{way.as()};
        if (mkdirat(directory_.get(), name_.c_str(), 0700) < 0 && errno != EEXIST)
            fail(errno, "cannot restore into {}", printable(path));
    }
    const Person root{.name = "root", .user = geteuid(), .group = getegid(), .groups = {}};
    outer_ = own_directory(directory_, name_, root, path_);
    files_ = own_directory(outer_, "files", root, path_ + "/files");
}

/// By descriptor: libstdc++ goes on from there without following links.
void Staging::remove()
{
    std::error_code error;
    std::filesystem::remove_all(std::format("/proc/self/fd/{}/{}", directory_.get(), name_), error);
    if (error)
        fail(error.value(), "cannot remove {}", printable(path_));
}

} // namespace igotchuu::retrieve
