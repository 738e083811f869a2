// SPDX-License-Identifier: MIT
#include "exec/retrieve/left-out.hpp"

#include "exec/restic/exclusion.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/lies-below.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <format>
#include <fts.h>
#include <functional>
#include <memory>
#include <optional>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <system_error>
#include <unistd.h>

#include <linux/btrfs.h>
#include <linux/magic.h>

namespace igotchuu::retrieve
{

namespace
{

std::size_t hash_of(std::string_view listed)
{
    return std::hash<std::string_view>{}(listed);
}

std::string_view parent_of(std::string_view path)
{
    const auto slash = path.find_last_of('/');
    return slash == 0 ? std::string_view{"/"} : path.substr(0, slash);
}

std::uint64_t bytes_of(const struct stat &info)
{
    return static_cast<std::uint64_t>(info.st_blocks) * 512;
}

/// https://bford.info/cachedir/
bool is_cache(const std::string &directory)
{
    const Fd tag{open((directory + "/CACHEDIR.TAG").c_str(),
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)}; // it may be a FIFO of a user's
    constexpr std::string_view signature = "Signature: 8a477f597d28d172789f06886806bc55";
    std::string begin(signature.size(), '\0');
    return tag && read(tag.get(), begin.data(), begin.size()) == std::ssize(begin) && begin == signature;
}

bool is_read_only_subvolume(const std::string &path)
{
    const Fd directory{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct statfs system{};
    std::uint64_t flags = 0;
    return directory && fstatfs(directory.get(), &system) == 0 && system.f_type == BTRFS_SUPER_MAGIC &&
           ioctl(directory.get(), BTRFS_IOC_SUBVOL_GETFLAGS, &flags) >= 0 && (flags & BTRFS_SUBVOL_RDONLY) != 0;
}

std::string unreadable(int error)
{
    return std::format("it cannot be read: {}", std::generic_category().message(error));
}

/// Why nobody can read that regular file; empty: its begin can be read, or it is another one by now. By O_NONBLOCK no lease is waited for, and O_NOATIME is for
/// the next run, for which an access would be a change; it is refused where the file is another user's.
std::string why_unreadable(const std::string &path)
{
    constexpr int how = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    Fd file{open(path.c_str(), how | O_NOATIME)};
    if (!file && errno == EPERM)
        file = Fd{open(path.c_str(), how)};
    char first = 0;
    if (file && read(file.get(), &first, 1) >= 0)
        return {};
    const int error = errno;
    return error == ENOENT || error == ELOOP ? std::string{} : unreadable(error);
}

/// What the keys of the job, and igotchuu itself, leave out.
class Reasons
{
public:
    Reasons(const Job &job, const std::vector<std::string> &written, const std::vector<std::string> &swap, time_t instant)
        : job_{job}, written_{written}, swap_{swap}, instant_{instant}
    {
    }

    /// Empty: not known.
    [[nodiscard]] std::string of(const std::string &path, const FTSENT &entry, bool is_boundary) const
    {
        if (lies_below_any(path, written_))
            return "a repository, the cache or the state of igotchuu, which change while they are read";
        for (const auto &pattern : job_.exclude)
            if (restic::excludes(pattern, path))
                return std::format("exclude: \"{}\"", printable(pattern));
        if (job_.exclude_caches && is_cache(std::string{parent_of(path)}))
            return "exclude-caches: its directory has a CACHEDIR.TAG";
        if (is_boundary)
            return is_read_only_subvolume(path) ? "a read-only nested subvolume (nested-read-only)"
                                                : "another file system, or a nested subvolume that was not in the snapshot";
        if (std::ranges::contains(swap_, path))
            return "a swap file in use";
        if (entry.fts_info == FTS_DNR || entry.fts_info == FTS_ERR)
            return unreadable(entry.fts_errno);
        if (entry.fts_info == FTS_DEFAULT && S_ISSOCK(entry.fts_statp->st_mode))
            return "a socket, which restic never stores: its program makes it anew";
        if (entry.fts_info == FTS_F && entry.fts_statp->st_ctime < instant_) // what is newer needs no reason, and may be much
            if (auto why = why_unreadable(path); !why.empty())
                return why;
        if (std::ranges::any_of(job_.restic_args,
                                [](const auto &word) { return word.starts_with("--exclude") || word.starts_with("--iexclude"); }))
            return "perhaps restic-args, which has its own --exclude";
        return {};
    }

private:
    const Job &job_;
    const std::vector<std::string> &written_, &swap_;
    time_t instant_;
};

constexpr long passed = 1; // an FTSENT that was not looked into is met once more

/// A directory that is being gone through.
struct Frame {
    bool is_stored;
    dev_t device;
    std::uint64_t bytes = 0, older_bytes = 0; ///< of what is left out, where the directory itself is
    bool has_older = false;
};

class Walk
{
public:
    Walk(const Job &job, const std::vector<std::string> &written, const std::vector<std::string> &swap, const StoredPaths &stored,
         time_t instant, const StopRequest &stop)
        : reasons_{job, written, swap, instant}, sources_{job.sources}, stored_{stored}, instant_{instant}, stop_{stop}
    {
    }
    void go(const std::string &source);
    [[nodiscard]] Audit result() { return std::move(audit_); }

private:
    void enter(FTS &tree, FTSENT &entry);
    void leave(const FTSENT &entry);
    void meet(const FTSENT &entry);
    void leave_out(const FTSENT &entry, std::string reason, std::uint64_t bytes, std::uint64_t older_bytes, bool has_older,
                   bool counted);

    Reasons reasons_;
    const std::vector<std::string> &sources_;
    const StoredPaths &stored_;
    time_t instant_;
    const StopRequest &stop_;
    std::vector<Frame> frames_;
    Audit audit_;
};

void Walk::go(const std::string &source)
{
    auto root = source;
    std::array<char *, 2> roots{root.data(), nullptr};
    const std::unique_ptr<FTS, decltype(&fts_close)> tree{fts_open(roots.data(), FTS_PHYSICAL | FTS_NOCHDIR, nullptr), &fts_close};
    if (!tree)
        fail(errno, "cannot look through {}", printable(source));
    while (auto *const entry = fts_read(tree.get())) {
        stop_.check();
        if (entry->fts_info == FTS_D)
            enter(*tree, *entry);
        else if (entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR)
            leave(*entry);
        else
            meet(*entry);
    }
}

void Walk::enter(FTS &tree, FTSENT &entry)
{
    const std::string path{entry.fts_path};
    const bool is_source = frames_.empty();
    if (!is_source && std::ranges::contains(sources_, path)) {
        entry.fts_number = passed;
        fts_set(&tree, &entry, FTS_SKIP); // it has a walk of its own
        return;
    }
    const bool is_boundary = !is_source && entry.fts_statp->st_dev != frames_.back().device;
    if (is_boundary && !stored_.has_inside(path)) {
        entry.fts_number = passed;
        fts_set(&tree, &entry, FTS_SKIP); // whose contents nobody may count: a server's, or those of a thousand snapshots
        leave_out(entry, reasons_.of(path, entry, true), 0, 0, true, false);
        return;
    }
    frames_.push_back({.is_stored = is_source || stored_.has(path), .device = entry.fts_statp->st_dev});
}

void Walk::leave(const FTSENT &entry)
{
    if (entry.fts_number == passed)
        return;
    const auto frame = frames_.back();
    frames_.pop_back();
    if (!frame.is_stored)
        leave_out(entry, reasons_.of(entry.fts_path, entry, false), frame.bytes + bytes_of(*entry.fts_statp), frame.older_bytes,
                  frame.has_older, true);
}

void Walk::meet(const FTSENT &entry)
{
    if (stored_.has(entry.fts_path)) {
        ++audit_.in_backup;
        return;
    }
    const bool is_older = entry.fts_info != FTS_NS && entry.fts_statp->st_ctime < instant_;
    const auto bytes = entry.fts_info != FTS_NS ? bytes_of(*entry.fts_statp) : 0;
    leave_out(entry, frames_.empty() || frames_.back().is_stored ? reasons_.of(entry.fts_path, entry, false) : std::string{}, bytes,
              is_older ? bytes : 0, is_older, true);
}

/// Below what is left out itself it only counts.
void Walk::leave_out(const FTSENT &entry, std::string reason, std::uint64_t bytes, std::uint64_t older_bytes, bool has_older,
                     bool counted)
{
    if (!frames_.empty() && !frames_.back().is_stored) {
        auto &around = frames_.back();
        around.bytes += bytes;
        around.older_bytes += older_bytes;
        around.has_older |= has_older;
    } else if (!reason.empty()) {
        audit_.known[std::move(reason)].push_back({entry.fts_path, bytes, counted});
    } else if (has_older) {
        audit_.unknown.push_back({entry.fts_path, older_bytes, counted});
        audit_.newer_bytes += bytes - older_bytes;
    } else {
        audit_.newer_bytes += bytes;
    }
}

} // namespace

void StoredPaths::add(std::string_view path)
{
    const auto name = listed_name(path);
    paths_.insert(hash_of(name));
    parents_.insert(hash_of(parent_of(name)));
}

bool StoredPaths::has(std::string_view path) const
{
    return paths_.contains(hash_of(listed_name(path)));
}

bool StoredPaths::has_inside(std::string_view directory) const
{
    return parents_.contains(hash_of(listed_name(directory)));
}

Audit audit(const Job &job, const std::vector<std::string> &written, const std::vector<std::string> &swap,
            const StoredPaths &stored, std::chrono::sys_time<std::chrono::nanoseconds> instant, const StopRequest &stop)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
    Walk walk{job, written, swap, stored, seconds, stop};
    for (const auto &source : job.sources)
        walk.go(source);
    return walk.result();
}

} // namespace igotchuu::retrieve
