// SPDX-License-Identifier: MIT
#include "exec/retrieve/plan.hpp"

#include "exec/restic/command-line.hpp"
#include "exec/restic/compare.hpp"
#include "exec/restic/look.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <map>
#include <sys/vfs.h>

namespace igotchuu::retrieve
{

namespace fs = std::filesystem;

namespace
{

std::string joined(const std::string &directory, const std::string &name)
{
    return directory == "/" ? '/' + name : directory + '/' + name;
}

/// Positive: the file here is newer.
std::int64_t newer_by(const timespec &here, const timespec &stored)
{
    return here.tv_sec != stored.tv_sec ? here.tv_sec - stored.tv_sec : here.tv_nsec - stored.tv_nsec;
}

dev_t device_of(const Fd &file, const std::string &path)
{
    struct stat status{};
    if (fstat(file.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(path));
    return status.st_dev;
}

const Fd &ground_of(const Part &part)
{
    return part.directory ? part.directory : part.parent;
}

std::uint64_t available_at(const Part &part)
{
    if (part.free)
        return *part.free;
    struct statfs system{};
    if (fstatfs(ground_of(part).get(), &system) < 0)
        fail(errno, "cannot see how much space is at {}", printable(part.into));
    return static_cast<std::uint64_t>(system.f_bavail) * static_cast<std::uint64_t>(system.f_bsize);
}

Fd again(const Fd &directory, const std::string &path)
{
    Fd same{openat(directory.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!same)
        fail(errno, "cannot open {}", printable(path));
    return same;
}

} // namespace

void Named::note(const std::string &path)
{
    constexpr std::size_t most = 10;
    ++count;
    if (first.size() < most)
        first.push_back(path);
}

std::string name_in(const Fd &here, const std::string &listed)
{
    if (!listed.contains(unsayable))
        return listed;
    std::error_code unreadable;
    for (const auto &entry : fs::directory_iterator{std::format("/proc/self/fd/{}", here.get()), unreadable})
        if (auto name = entry.path().filename().native(); listed_name(name) == listed)
            return name;
    return listed;
}

void Plan::in_place(Wanted &root)
{
    const RightsOf rights{way_.as()};
    along(root, way_.root(), "/");
}

/// What is wanted of this directory itself is a part; the directories in it that are only on the way lead to others.
void Plan::along(Wanted &way, const Fd &here, const std::string &path)
{
    bool is_part = false;
    for (auto &one : way.inside) {
        const Fd next = one.is_way() ? way_.enter(here, one.name, joined(path, one.name)) : Fd{};
        one.fate = next ? Fate::elsewhere : Fate::made;
        is_part |= !next;
        if (next)
            along(one, next, joined(path, one.name));
    }
    if (is_part)
        look(add_part(path, path, again(here, path), way), way, here, path, path);
}

Part &Plan::add_part(const std::string &from, const std::string &into, Fd directory, Wanted &top)
{
    way_.check_written(directory, into);
    return parts_.emplace_back(from, into, std::move(directory), Fd{}, &top);
}

void Plan::beside(Wanted &root, const std::vector<std::string> &paths, const std::string &to)
{
    const RightsOf rights{way_.as()};
    std::map<std::string, std::string> taken; // by name: the path
    std::set<std::string> parents;
    for (const fs::path path : paths) {
        const auto [other, is_new] = taken.emplace(path.filename(), path);
        if (!is_new)
            throw Failure{
                std::format("{} and {} would have one name in {}: restore one after the other, with a --to of its own each",
                            printable(other->second), printable(path.native()), printable(to))};
        parents.insert(path.parent_path());
    }
    const auto above = fs::path{to}.parent_path().native();
    for (const auto &from : parents) {
        auto &top = *find(root, from);
        for (auto &one : top.inside)
            one.fate = one.is_way() ? Fate::elsewhere : one.fate; // it leads to what is restored by its own name
        if (auto directory = way_.open(to)) {
            auto &part = add_part(from, to, std::move(directory), top);
            look(part, top, part.directory, from, to);
            continue;
        }
        auto parent = way_.open(above);
        struct stat status{};
        if (!parent || fstatat(parent.get(), fs::path{to}.filename().c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
            throw Failure{std::format("{} is no directory", printable(parent ? to : above))};
        auto &part = parts_.emplace_back(from, to, Fd{}, std::move(parent), &top);
        for (auto &one : top.inside)
            if (one.fate != Fate::elsewhere)
                make(part, one);
    }
}

void Plan::look(Part &part, Wanted &directory, const Fd &here, const std::string &from, const std::string &path)
{
    for (auto &one : directory.inside)
        if (one.fate != Fate::elsewhere)
            look_at(part, one, here, joined(from, one.name), joined(path, one.name));
}

void Plan::look_at(Part &part, Wanted &one, const Fd &here, const std::string &from, const std::string &path)
{
    if (one.alike > 1) // nobody can tell which of them is here
        return make(part, one);
    const auto name = name_in(here, one.name);
    struct stat status{};
    if (fstatat(here.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT)
            fail(errno, "cannot look at {}", printable(path));
        make(part, one);
    } else if (one.is_directory() != S_ISDIR(status.st_mode)) {
        one.fate = Fate::in_the_way;
        in_the_way.note(path);
    } else if (!one.is_directory()) {
        compare(part, one, status, path);
    } else {
        one.is_other = !one.is_way() && !is_as_stored(one, status);
        enter(part, one, {way_.enter(here, name, path), status.st_dev}, from, path);
    }
}

void Plan::enter(Part &part, Wanted &one, const std::pair<Fd, dev_t> &directory, const std::string &from, const std::string &path)
{
    const auto &[here, device] = directory;
    if (!here)
        throw Failure{std::format("cannot open {}: it is another one than a moment ago", printable(path))};
    way_.check_written(here, path);
    if (device != device_of(ground_of(part), part.into) || !way_.may_write(ground_of(part))) {
        one.fate = Fate::elsewhere;
        adapted += one.is_other ? 1 : 0;
        return look(add_part(from, path, again(here, path), one), one, here, from, path);
    }
    one.fate = Fate::merged;
    adapted += one.is_other ? 1 : 0;
    look(part, one, here, from, path);
}

/// As far as restic's list and stat(2) can tell. With a person's rights owners are not restored.
bool Plan::is_as_stored(const Wanted &one, const struct stat &here) const
{
    const bool has_owner = way_.as() || (here.st_uid == one.user && here.st_gid == one.group);
    const bool has_rights = S_ISLNK(one.mode) || (here.st_mode & 07777U) == (one.mode & 07777U);
    const bool has_size = !S_ISREG(one.mode) || static_cast<std::uint64_t>(here.st_size) == one.size;
    return has_owner && has_rights && has_size && (here.st_mode & S_IFMT) == (one.mode & S_IFMT) && one.changed &&
           newer_by(here.st_mtim, *one.changed) == 0;
}

void Plan::compare(Part &part, Wanted &one, const struct stat &here, const std::string &path)
{
    if (is_as_stored(one, here)) {
        one.fate = Fate::same;
        ++same;
        return;
    }
    const bool is_newer = one.changed && newer_by(here.st_mtim, *one.changed) > 0;
    if (is_newer)
        newer.note(path);
    if (overwrite_ == Overwrite::never || (overwrite_ == Overwrite::older && is_newer)) {
        one.fate = Fate::left;
        left.note(path);
        return;
    }
    one.fate = Fate::replaced;
    one.here = Seen{here};
    replaced.note(path);
    take_bytes(part, one);
}

void Plan::make(Part &part, Wanted &one)
{
    one.fate = Fate::made;
    ++(one.is_directory() ? directories_made : files_made);
    take_bytes(part, one);
    for (auto &below : one.inside)
        make(part, below);
}

void Plan::take_bytes(Part &part, const Wanted &one)
{
    if (one.size > 0 && (one.inode == 0 || seen_.emplace(one.inode, one.size).second))
        part.bytes += one.size;
}

std::uint64_t Plan::bytes() const
{
    std::uint64_t sum = 0;
    for (const auto &part : parts_)
        sum += part.bytes;
    return sum;
}

std::uint64_t Plan::available() const
{
    const auto found = std::ranges::find_if(parts_, [](const Part &part) { return is_needed(part); });
    return available_at(found == parts_.end() ? parts_.front() : *found);
}

void Plan::check_space() const
{
    std::map<dev_t, std::uint64_t> needed;
    for (const auto &part : parts_) {
        auto &sum = needed[device_of(ground_of(part), part.into)];
        sum += part.bytes;
        if (const auto free = available_at(part); sum > free)
            throw Failure{std::format("there is not enough space at {}: {} would come, and {} are free", printable(part.into),
                                      bytes_text(sum), bytes_text(free))};
    }
}

bool is_needed(const Part &part)
{
    return std::ranges::any_of(part.top->inside, [](const Wanted &one) { return is_needed(one); });
}

bool is_needed(const Wanted &one)
{
    return one.fate == Fate::made || one.fate == Fate::replaced ||
           (one.fate == Fate::merged &&
            (one.is_other || std::ranges::any_of(one.inside, [](const Wanted &below) { return is_needed(below); })));
}

namespace
{

/// Whether a pattern can say just that path, and no other.
bool has_own_pattern(const std::string &path)
{
    return !restic::is_vague(path) && !path.contains('\n');
}

/// What of a directory that is there, or only on the way, is left where it is. Whichever of the two lists is the shorter one.
void add_patterns(const Wanted &directory, const std::string &path, std::string &lines)
{
    const auto needed =
        static_cast<std::size_t>(std::ranges::count_if(directory.inside, [](const Wanted &one) { return is_needed(one); }));
    const bool by_what_stays = !directory.is_way() && needed > directory.inside.size() / 2;
    if (!by_what_stays)
        lines += restic::line_for(path) + "/*\n";
    for (const auto &one : directory.inside) {
        const auto inside = path + '/' + one.name;
        const bool comes = is_needed(one), is_exact = has_own_pattern(inside);
        if (by_what_stays && !comes && is_exact)
            lines += restic::line_for(inside) + '\n';
        else if (!by_what_stays && comes)
            lines += '!' + restic::line_for(inside) + '\n';
        const bool is_whole = one.fate == Fate::made && !one.is_way();
        if (comes && one.is_directory() && !is_whole && is_exact)
            add_patterns(one, inside, lines);
    }
}

} // namespace

std::string patterns_of(const Part &part)
{
    std::string lines;
    add_patterns(*part.top, "", lines);
    return lines;
}

} // namespace igotchuu::retrieve
