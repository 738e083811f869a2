// SPDX-License-Identifier: MIT
#include "exec/retrieve/way.hpp"

#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <ranges>

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
    if (as_)
        return directory;
    if (status.st_uid != 0) {
        const auto owner = name_of_user(status.st_uid);
        throw Failure{
            std::format("root restores nothing in {}, which belongs to {}, who could lead root elsewhere meanwhile (with {}'s "
                        "own rights: --as {})",
                        printable(path), owner, owner, owner)};
    }
    if (others_write(status) && (status.st_mode & S_ISVTX) == 0)
        throw Failure{
            std::format("root restores nothing in {}, which others can change, and lead root elsewhere meanwhile (with the "
                        "rights of one of them: --as USER)",
                        printable(path))};
    return directory;
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
    if (!as_ && others_write(status_of(directory, path)))
        throw Failure{
            std::format("root restores nothing into {} itself, where everybody may put links (a directory in it that is root's "
                        "own, or --as USER)",
                        printable(path))};
}

} // namespace igotchuu::retrieve
