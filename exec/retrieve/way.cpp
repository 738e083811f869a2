// SPDX-License-Identifier: MIT
#include "exec/retrieve/way.hpp"

#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <ranges>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

struct stat status_of(const Fd &file, const std::string &path)
{
    struct stat status{};
    if (fstat(file.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(path));
    return status;
}

/// An ACL that lets others write shows in the bits of the group. acl(5).
bool others_write(const struct stat &status)
{
    return (status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0);
}

/// Whether a directory above it is root's, and lets nobody else through: then nobody else gets here.
bool is_closed_to_others(const Fd &directory, const std::string &path)
{
    Fd at{openat(directory.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    for (auto below = status_of(directory, path);;) {
        const auto status = status_of(at, path);
        if (status.st_uid == 0 && (status.st_mode & (S_IXGRP | S_IXOTH)) == 0)
            return true;
        if (status.st_ino == below.st_ino && status.st_dev == below.st_dev)
            return false; // "/"
        below = status;
        at = Fd{openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }
}

[[noreturn]] void refuse_link(const std::string &path)
{
    std::error_code unknown;
    const auto real = std::filesystem::weakly_canonical(path, unknown);
    throw Failure{std::format("cannot restore through {}: it is a link, and nothing is restored through links{}", printable(path),
                              unknown ? "" : std::format(" (it leads to {}: --to takes that)", printable(real.native())))};
}

} // namespace

Fd Way::root() const
{
    Fd root{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root)
        fail(errno, "cannot open /");
    return root;
}

/// Below a directory of root's nobody gets to who does not get to that. Never of "/", and not of what was refused itself.
std::string Way::remedy_for(const std::string &path) const
{
    return to_.size() > 1 && lies_below(path, to_) && path != to_
               ? std::format(", or let nobody else get there while it restores: chmod 0700 {}", printable(to_))
               : "";
}

void Way::refuse_owner(uid_t user, const std::string &path) const
{
    const auto name = name_of_user(user);
    const auto remedy = name.empty() ? std::string{"restore --to a directory of root's, and move it from there"}
                                     : std::format("with {}'s own rights: --as {}", name, name);
    throw Failure{std::format("root restores nothing in {}, which belongs to {}, who could lead root elsewhere meanwhile ({}{})",
                              printable(path), name.empty() ? std::format("user {}", user) : name, remedy, remedy_for(path))};
}

Fd Way::enter(const Fd &from, const std::string &name, const std::string &path) const
{
    Fd directory = open_step(from, name, O_PATH);
    if (!directory && errno == ELOOP)
        refuse_link(path);
    if (!directory && errno != ENOENT && errno != ENOTDIR)
        fail(errno, "cannot open {}", printable(path));
    if (!directory)
        return {};
    const auto status = status_of(directory, path);
    if (!S_ISDIR(status.st_mode))
        return {};
    const bool is_anothers = status.st_uid != 0, is_open = others_write(status) && (status.st_mode & S_ISVTX) == 0;
    if (as_ || (!is_anothers && !is_open) || is_closed_to_others(directory, path))
        return directory;
    if (is_anothers)
        refuse_owner(status.st_uid, path);
    throw Failure{std::format("root restores nothing in {}, which others can change, and lead root elsewhere meanwhile (with the "
                              "rights of one of them: --as USER{})",
                              printable(path), remedy_for(path))};
}

Fd Way::open(const std::string &path) const
{
    auto at = root();
    std::string reached;
    for (const auto &part : std::views::split(path, '/')) {
        const std::string name{std::string_view{part}};
        if (name.empty())
            continue;
        reached += '/' + name;
        at = enter(at, name, reached);
        if (!at)
            return {};
    }
    return at;
}

void Way::check_written(const Fd &directory, const std::string &path) const
{
    if (!as_ && others_write(status_of(directory, path)) && !is_closed_to_others(directory, path))
        throw Failure{
            std::format("root restores nothing into {} itself, where everybody may put links (a directory in it that is root's "
                        "own, or --as USER{})",
                        printable(path), remedy_for(path))};
}

bool Way::may_write(const Fd &directory) const
{
    return !as_ || faccessat(directory.get(), ".", W_OK, AT_EACCESS) == 0; // by the rights for files: access(2)
}

} // namespace igotchuu::retrieve
