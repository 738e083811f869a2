// SPDX-License-Identifier: MIT
#include "exec/retrieve/placement.hpp"

#include "exec/open-beneath.hpp"
#include "exec/retrieve/adopt.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <map>
#include <set>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

/// The real names in a directory, of those that restic lists with U+FFFD in them: of several that it lists alike each is given once.
class RealNames
{
public:
    RealNames(const Wanted &directory, const Fd &staged)
    {
        const auto is_unsure = [](const Wanted &one) { return one.name.contains(unsayable); };
        if (std::ranges::none_of(directory.inside, is_unsure))
            return;
        for (const auto &entry : std::filesystem::directory_iterator{std::format("/proc/self/fd/{}", staged.get())}) {
            auto name = entry.path().filename().native();
            names_.emplace(listed_name(name), name);
        }
    }
    std::string take(const std::string &listed)
    {
        const auto found = names_.find(listed);
        return found == names_.end() ? listed : names_.extract(found).mapped();
    }

private:
    std::multimap<std::string, std::string> names_;
};

bool is_whole(const Wanted &one, const struct stat &status)
{
    const bool has_size = !S_ISREG(one.mode) || static_cast<std::uint64_t>(status.st_size) == one.size;
    const bool has_time = !one.changed || is_time(status.st_mtim, *one.changed);
    return (status.st_mode & S_IFMT) == (one.mode & S_IFMT) && has_size && has_time;
}

/// What tells one file of a snapshot of several file systems from the others, as far as restic lists it.
using Identity = std::tuple<std::uint64_t, std::uint64_t, time_t, long>;
Identity identity_of(const Wanted &one)
{
    const auto changed = one.changed.value_or(timespec{});
    return {one.inode, one.size, changed.tv_sec, changed.tv_nsec};
}

/// Other names of a file that is incomplete are made as links to it.
void mark_names_of(Wanted &directory, const std::set<Identity> &inodes)
{
    for (auto &one : directory.inside) {
        one.incomplete |= S_ISREG(one.mode) && one.inode != 0 && inodes.contains(identity_of(one));
        mark_names_of(one, inodes);
    }
}

bool is_incomplete(const Wanted &one)
{
    return one.incomplete || std::ranges::any_of(one.inside, is_incomplete);
}

/// Of all that restic lists by its name.
void take_away_incomplete(const Wanted &one, const Fd &staged)
{
    for (const auto &entry : std::filesystem::directory_iterator{std::format("/proc/self/fd/{}", staged.get())}) {
        const auto name = entry.path().filename().native();
        if (listed_name(name) != one.name)
            continue;
        if (const Fd below = open_step(staged, name, O_RDONLY | O_DIRECTORY)) {
            for (const auto &inside : one.inside)
                if (is_incomplete(inside))
                    take_away_incomplete(inside, below);
        } else if (one.incomplete && unlinkat(staged.get(), name.c_str(), 0) < 0) {
            fail(errno, "cannot take away what has come of {}", printable(one.name));
        }
    }
}

bool is_still(const Seen &before, const Fd &here, const std::string &name)
{
    struct stat now{};
    return fstatat(here.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 && Seen{now} == before;
}

/// Whatever somebody has put there meanwhile stays. Where a file system cannot promise that (NFS), it is looked at first.
bool rename_to_new(const Fd &staged, const Fd &here, const std::string &name)
{
    if (renameat2(staged.get(), name.c_str(), here.get(), name.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    struct stat status{};
    return errno == EINVAL && fstatat(here.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT &&
           renameat(staged.get(), name.c_str(), here.get(), name.c_str()) == 0;
}

/// A directory's own ".." changes with it, for which whoever moves it has to be able to write to it.
bool move_to_new(const Fd &staged, const Fd &here, const std::string &name)
{
    if (rename_to_new(staged, here, name))
        return true;
    const int error = errno;
    const Fd directory = error == EACCES ? open_step(staged, name, O_RDONLY | O_DIRECTORY) : Fd{};
    struct stat status{};
    if (!directory || fstat(directory.get(), &status) < 0 || fchmod(directory.get(), status.st_mode | S_IRWXU) < 0) {
        errno = error;
        return false;
    }
    const bool moved = rename_to_new(staged, here, name);
    const int after = errno;
    fchmod(directory.get(), status.st_mode & 07777U);
    errno = after;
    return moved;
}

/// A pattern may have let in others; the directory's times stay.
void keep_only_wanted(const Wanted &directory, const Fd &staged, const struct stat &status)
{
    bool removed = false;
    const auto path = std::format("/proc/self/fd/{}", staged.get());
    for (const auto &entry : std::filesystem::directory_iterator{path})
        if (!std::ranges::contains(directory.inside, listed_name(entry.path().filename().native()), &Wanted::name))
            removed |= std::filesystem::remove_all(entry.path()) > 0;
    const std::array times{status.st_atim, status.st_mtim};
    if (removed && futimens(staged.get(), times.data()) < 0)
        fail(errno, "cannot give a directory its times back");
}

} // namespace

bool Placement::has_metadata(const Wanted &one, const struct stat &status) const
{
    if (one.is_way())
        return true;
    return status.st_uid == one.user && status.st_gid == one.group &&
           (S_ISLNK(one.mode) || (status.st_mode & 07777U) == (one.mode & 07777U));
}

void Placement::check(const Part &part, const Fd &staged, const std::set<std::string> &incomplete)
{
    std::set<Identity> inodes;
    for (const auto &path : incomplete)
        if (auto *const one = find(*part.top, path); one != nullptr) {
            one->incomplete = true;
            inodes.insert(identity_of(*one));
        } else {
            missing.note((part.into == "/" ? "" : part.into) + path);
        }
    if (!inodes.empty())
        mark_names_of(*part.top, inodes);
    check(*part.top, staged, part.into == "/" ? "" : part.into);
    if (way_.as() && fchown(staged.get(), way_.as()->user, way_.as()->group) < 0) // who is to take names out of it
        fail(errno, "cannot give {} what has come to {}", way_.as()->name, printable(part.into));
}

void Placement::check(Wanted &directory, const Fd &staged, const std::string &path)
{
    RealNames names{directory, staged};
    for (auto &one : directory.inside) {
        const auto name = names.take(one.name), inside = path + '/' + one.name;
        struct stat status{};
        if (!is_needed(one))
            continue;
        if (one.alike > 1) {
            check_alike(directory, one, staged, inside);
            continue;
        }
        if (fstatat(staged.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
            missing.note(inside);
            continue;
        }
        give_to_person(one, staged, name, status);
        if (!one.is_directory() || !S_ISDIR(status.st_mode)) {
            check_file(one, status, staged, name, inside);
            continue;
        }
        one.arrived = true;
        const Fd below = open_step(staged, name, O_RDONLY | O_DIRECTORY);
        if (!below)
            fail(errno, "cannot look at what has come of {}", printable(inside));
        if (one.is_way() || one.fate == Fate::made) // an earlier restore may have left others there
            keep_only_wanted(one, below, status);
        if (one.fate == Fate::made && !has_metadata(one, status))
            unlike.note(inside);
        check(one, below, inside);
    }
}

/// Of the person's groups the one that it had. chown(2) takes away what makes a program run as somebody else: as this person it may.
void Placement::give_to_person(const Wanted &one, const Fd &staged, const std::string &name, struct stat &status) const
{
    if (!way_.as())
        return;
    const auto &person = *way_.as();
    const auto group = std::ranges::contains(person.groups, one.group) ? one.group : person.group;
    if (fchownat(staged.get(), name.c_str(), person.user, group, AT_SYMLINK_NOFOLLOW) < 0)
        fail(errno, "cannot give {} what has come of {}", person.name, printable(one.name));
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_ISUID | S_ISGID)) != 0 &&
        fchmodat(staged.get(), name.c_str(), status.st_mode & 07777U, 0) < 0)
        fail(errno, "cannot set the mode of what has come of {}", printable(one.name));
    if (fstatat(staged.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
        fail(errno, "cannot look at what has come of {}", printable(one.name));
}

void Placement::note_incomplete(const Wanted &one, const std::string &path)
{
    if (one.incomplete)
        missing.note(path);
    for (const auto &below : one.inside)
        note_incomplete(below, path + '/' + below.name);
}

/// With a directory that is new they come to their places, all of them that are whole; alone they cannot be told apart.
void Placement::check_alike(const Wanted &directory, const Wanted &one, const Fd &staged, const std::string &path)
{
    std::uint32_t come = 0;
    for (const auto &entry : std::filesystem::directory_iterator{std::format("/proc/self/fd/{}", staged.get())})
        come += listed_name(entry.path().filename().native()) == one.name ? 1 : 0;
    const bool comes_with_it = directory.fate == Fate::made && !directory.is_way();
    if (!comes_with_it || come < one.alike)
        return missing.note(path);
    note_incomplete(one, path);
    if (is_incomplete(one))
        take_away_incomplete(one, staged);
}

void Placement::check_file(Wanted &one, const struct stat &status, const Fd &staged, const std::string &name,
                           const std::string &path)
{
    one.arrived = is_whole(one, status) && !one.incomplete;
    if (one.arrived && !has_metadata(one, status))
        unlike.note(path);
    if (one.arrived)
        return;
    missing.note(path);
    if (unlinkat(staged.get(), name.c_str(), S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) < 0)
        fail(errno, "cannot take away what has come of {}", printable(path));
}

void Placement::adapt(const Part &part)
{
    const auto &one = *part.top;
    if (!one.is_other)
        return;
    const RightsOf rights{way_.as()};
    const Fd directory{openat(part.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::array times{timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                           one.changed.value_or(timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT})};
    if (!directory || (!way_.as() && fchown(directory.get(), one.user, one.group) < 0) ||
        fchmod(directory.get(), one.mode & 07777U) < 0 || futimens(directory.get(), times.data()) < 0)
        unlike.note(part.into);
}

void Placement::place(const Part &part, const Fd &staged)
{
    const RightsOf rights{way_.as()};
    place(*part.top, staged, part.directory, part.into == "/" ? "" : part.into);
}

void Placement::place(Wanted &directory, const Fd &staged, const Fd &here, const std::string &path)
{
    RealNames names{directory, staged};
    for (auto &one : directory.inside) {
        auto listed = std::exchange(one.name, names.take(one.name)); // from here on by what it is called
        if (one.arrived)
            place_one(one, staged, here, path + '/' + listed);
        one.name = std::move(listed);
    }
}

void Placement::place_one(Wanted &one, const Fd &staged, const Fd &here, const std::string &path)
{
    if (one.fate == Fate::merged)
        return merge(one, staged, here, path);
    const bool is_new = one.fate == Fate::made;
    if (!is_new && !is_still(one.here, here, one.name))
        return changed_meanwhile.note(path);
    if (is_new ? move_to_new(staged, here, one.name) : renameat(staged.get(), one.name.c_str(), here.get(), one.name.c_str()) == 0)
        return count(one);
    (errno == EEXIST ? changed_meanwhile : refused).note(path);
}

/// What cannot be entered any more costs what belongs in it, and nothing else.
void Placement::merge(Wanted &one, const Fd &staged, const Fd &here, const std::string &path)
{
    Fd to;
    try {
        to = way_.enter(here, one.name, path);
    } catch (const Failure &) {
        return changed_meanwhile.note(path);
    } catch (const std::system_error &) {
        return refused.note(path);
    }
    const Fd from = open_step(staged, one.name, O_RDONLY | O_DIRECTORY);
    struct stat status{};
    if (!from || !to || fstat(from.get(), &status) < 0)
        return changed_meanwhile.note(path);
    place(one, from, to, path); // which changes the mtime of both
    if (!adopt_metadata(from, status, to))
        unlike.note(path);
}

void Placement::count(const Wanted &one)
{
    ++(one.is_directory() ? directories : files);
    bytes += one.size;
    for (const auto &below : one.inside)
        if (below.arrived)
            count(below);
}

} // namespace igotchuu::retrieve
