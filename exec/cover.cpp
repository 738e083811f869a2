// SPDX-License-Identifier: MIT
#include "exec/cover.hpp"

#include "exec/mount-tree.hpp"
#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <format>
#include <ranges>

namespace igotchuu
{
namespace
{

namespace fs = std::filesystem;

struct stat status_of(const Fd &file, const fs::path &path)
{
    struct stat status{};
    if (fstat(file.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(path.native()));
    return status;
}

/// The next step on the way to `path`, never through a link.
Fd step(const Fd &directory, const fs::path &name, const fs::path &path)
{
    Fd next = open_step(directory, name, O_PATH);
    if (!next && errno == ELOOP)
        throw Failure{std::format("{} is a symbolic link, or leads through one; name the real path", printable(path.native()))};
    if (!next)
        fail(errno, "cannot open {}", printable(path.native()));
    return next;
}

/// Whether somebody else than root can put something else in the place of `child`. The group's bits are an ACL's mask as well.
bool can_be_renamed(const struct stat &directory, const struct stat &child)
{
    const bool others_write = (directory.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const bool sticky = (directory.st_mode & S_ISVTX) != 0;
    return directory.st_uid != 0 || (others_write && (!sticky || child.st_uid != 0));
}

/// An empty thing of the kind of `like`, to mount on.
Fd stub(const Fd &directory, const fs::path &name, const struct stat &like, const fs::path &path)
{
    const bool made = S_ISDIR(like.st_mode) ? mkdirat(directory.get(), name.c_str(), 0700) == 0
                                            : mknodat(directory.get(), name.c_str(), S_IFREG | 0600, 0) == 0;
    if (!made && errno != EEXIST)
        fail(errno, "cannot make a place for {}", printable(path.native()));
    return step(directory, name, path);
}

} // namespace

Covers::~Covers()
{
    for (const auto &cover : covers_ | std::views::values | std::views::reverse)
        static_cast<void>(detach(cover.directory));
}

/// The deepest cover over `path` or over a directory above it.
std::optional<fs::path> Covers::above(fs::path path) const
{
    for (; path.has_relative_path(); path = path.parent_path())
        if (covers_.contains(path))
            return path;
    return {};
}

bool Covers::hide(const fs::path &path) const
{
    return above(path).has_value();
}

Fd Covers::reach(const fs::path &path)
{
    if (const auto cover = above(path.parent_path()))
        return below(*cover, path);
    Fd directory{open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open /");
    auto status = status_of(directory, "/");
    fs::path at = "/";
    for (const auto &name : path.relative_path()) {
        Fd next = step(directory, name, at / name);
        const auto next_status = status_of(next, at / name);
        if (can_be_renamed(status, next_status)) {
            if (!at.has_relative_path())
                throw Failure{
                    std::format("cannot show a snapshot at {}: / does not belong to root alone", printable(path.native()))};
            const Fd target = open_beneath(directory, "", O_PATH | O_DIRECTORY);
            add(at, target, std::move(directory), status);
            return below(at, path);
        }
        directory = std::move(next);
        status = next_status;
        at /= name;
    }
    return directory;
}

/// The way to `path` from the cover at `at`.
Fd Covers::below(fs::path at, const fs::path &path)
{
    const auto way = path.lexically_relative(at);
    for (const auto &name : way) {
        auto &cover = covers_.at(at);
        at /= name;
        Fd live = step(cover.live, name, at);
        const auto like = status_of(live, at);
        Fd target = stub(cover.directory, name, like, at);
        if (at == path)
            return target;
        add(at, target, std::move(live), like);
    }
    return {};
}

void Covers::add(const fs::path &path, const Fd &target, Fd live, const struct stat &like)
{
    Fd directory = new_directory_mount(like.st_uid, like.st_gid, path.native());
    attach(directory, target, path.native());
    covers_.emplace(path, Cover{std::move(directory), std::move(live), like});
}

void Covers::close()
{
    for (auto &[path, cover] : covers_) {
        const auto itself = std::format("/proc/self/fd/{}", cover.directory.get());
        const std::array times{cover.like.st_atim, cover.like.st_mtim};
        // Without the setgid bit: RestrictSUIDSGID= lets nobody set it.
        if (chmod(itself.c_str(), cover.like.st_mode & 01777) < 0 ||
            utimensat(cover.directory.get(), "", times.data(), AT_EMPTY_PATH) < 0)
            fail(errno, "cannot make the directory over {} like it", printable(path.native()));
        restrict_mount(cover.directory, Programs::forbidden, path.native());
        cover.live = {};
    }
}

void Covers::unmount()
{
    for (const auto &[path, cover] : covers_ | std::views::reverse)
        if (const int error = detach(cover.directory); error != 0)
            fail(error, "cannot unmount our directory from {}", printable(path.native()));
    covers_.clear();
}

} // namespace igotchuu
