// SPDX-License-Identifier: MIT
#include "cli/doctor/see-sources.hpp"

#include "cli/doctor/btrfs.hpp"
#include "cli/doctor/disks.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/lies-below.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <system_error>
#include <utility>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

bool may_hang(const Mount &mount)
{
    return is_served(mount) || mount.type == "autofs";
}

/// A source that is not as a run wants it: exec/sources.cpp has the same rules.
Trouble trouble_with(const std::string &path)
{
    std::error_code error;
    const auto real = fs::canonical(path, error);
    const auto shown = printable(path);
    if (error == std::errc::no_such_file_or_directory)
        return {std::format("the source {} is not there: each run is partial, or fails", shown), {}};
    if (error)
        return {}; // who is not root may not look everywhere; a run says it
    if (real != path)
        return {std::format("the source {} leads through a symbolic link: each run fails; its real path is {}", shown,
                            printable(real.native())),
                {}};
    if (!fs::is_directory(real, error))
        return {std::format("the source {} is no directory: each run fails", shown), {}};
    return {};
}

/// Whether the job can freeze what lies on that file system.
Trouble trouble_with(const Job &job, const std::string &path, const Mount &mount)
{
    const bool asks = job.snapshot == SnapshotMethod::automatic ||
                      (job.snapshot == SnapshotMethod::btrfs && mount.type != "btrfs") ||
                      (job.snapshot == SnapshotMethod::zfs && mount.type != "zfs");
    if (!asks || (has_snapshots(mount) && job.snapshot == SnapshotMethod::automatic))
        return {};
    return {std::format("snapshot = \"{}\" can take none of {}, which is on {}: each run fails", name_of(job.snapshot),
                        printable(path), mount.type),
            std::format("see \"snapshot\" in man igotchuu.job; to have it while it changes: live = [\"{}\"]", printable(path))};
}

bool is_snapshot_of(const Mount &mount, const Mount &above)
{
    return mount.type == "zfs" && above.type == "zfs" && mount.source.starts_with(above.source + '/');
}

/// Those on a btrfs.
std::vector<SwapSeen> active_swap(const MountTable &mounts)
{
    std::vector<SwapSeen> all;
    for (auto &file : active_swap_files()) {
        const auto *const mount = mounts.named(file);
        if (mount == nullptr || mount->type != "btrfs")
            continue;
        if (auto subvolume = beginning_of_subvolume(file, mount->target); !subvolume.empty())
            all.push_back({std::move(file), std::move(subvolume)});
    }
    return all;
}

} // namespace

std::vector<SwapSeen> swap_in_nested(const Job &job, const std::string &source, const std::vector<SwapSeen> &swap,
                                     const MountTable &mounts)
{
    std::vector<SwapSeen> found;
    const auto *const mount = mounts.named(source);
    if (mount == nullptr || mount->type != "btrfs")
        return found;
    const auto top = mounts.inside(source, mount->id);
    for (const auto &[file, subvolume] : swap) {
        const auto *const there = mounts.named(subvolume);
        if (there == nullptr || there->device != mount->device)
            continue;
        const auto inside = mounts.inside(subvolume, there->id);
        if (inside == top || !lies_below(inside, top))
            continue;
        const auto place = (fs::path{source} / fs::path{inside}.lexically_relative(top)).native();
        const bool of_another_source = std::ranges::any_of(job.sources, [&](const auto &inner) {
            return inner != source && lies_below(inner, source) && lies_below(place, inner);
        });
        if (!of_another_source && !lies_below_any(place, job.exclude))
            found.push_back({file, place});
    }
    return found;
}

Places::Places() : swap_{active_swap(mounts_)} {}

SourceSeen Places::source(const Job &job, const std::string &path, Seen &seen)
{
    SourceSeen source{.path = path};
    const auto *const mount = mounts_.named(path);
    if (mount == nullptr)
        return source;
    const bool frozen = job.snapshot != SnapshotMethod::none && !std::ranges::contains(job.live, path);
    if (may_hang(*mount)) {
        seen.unseen.push_back(std::format("not looked at: {}, which is on {}, and may not answer", printable(path), mount->type));
        return source;
    }
    source.trouble = trouble_with(path);
    if (source.trouble.why.empty() && frozen)
        source.trouble = trouble_with(job, path, *mount);
    if (job.snapshot != SnapshotMethod::command)
        source.others = others_below(job, path, *mount);
    source.disks = disks_of(*mount);
    if (std::error_code unknown; mount->type == "btrfs" && fs::exists(path, unknown))
        see_btrfs(job, source, seen);
    if (!frozen) {
        source.swap_file.clear();
        source.swap_below.clear();
    }
    return source;
}

void Places::see_swap(const Job &job, SourceSeen &source, const Fd &directory) const
{
    auto others = swap_;
    std::erase_if(others, [&](const SwapSeen &swap) {
        struct stat here{}, there{};
        const bool own = fstat(directory.get(), &here) == 0 && stat(swap.file.c_str(), &there) == 0 && here.st_dev == there.st_dev;
        if (own)
            source.swap_file = swap.file;
        return own;
    });
    source.swap_below = swap_in_nested(job, source.path, others, mounts_);
}

void Places::see_btrfs(const Job &job, SourceSeen &source, Seen &seen)
try {
    const Fd directory{open(source.path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open {}", printable(source.path));
    const auto id = btrfs_id(directory, source.path);
    if (!std::ranges::contains(seen.btrfs, id, &BtrfsSeen::id)) {
        const bool is_shown = is_in_sys(id);
        seen.btrfs.push_back({.id = id, .path = source.path, .quota_groups = is_shown && has_quota_groups(id)});
        if (is_shown)
            seen.spaces.push_back(metadata_space(id, source.path));
        else
            seen.unseen.push_back(std::format(
                "not looked at: quota groups and metadata of {}, since /sys/fs/btrfs does not have it", printable(source.path)));
    }
    see_swap(job, source, directory);
    if (job.nested_read_only)
        return;
    source.read_only = read_only_subvolumes_below(directory, source.path);
    std::erase_if(source.read_only, [&](const std::string &path) {
        return lies_below_any(path, job.exclude) || std::ranges::contains(job.sources, path);
    });
} catch (const std::system_error &error) { // it is not for whoever asks
    seen.unseen.push_back(std::format("not looked at: {}", printable(error.what())));
}

/// As exec/snapshot/choose.cpp looks at them: what is named in "live" is looked below, too.
std::vector<std::string> Places::others_below(const Job &job, const std::string &source, const Mount &mount) const
{
    std::vector<std::string> others;
    std::vector<std::pair<std::string, const Mount *>> around{{source, &mount}};
    while (!around.empty()) {
        const auto [path, on] = around.back();
        around.pop_back();
        for (const auto &other : mounts_.others_below(path, on->id)) {
            const auto *const there = mounts_.named(other.target);
            const bool of_another_source = std::ranges::any_of(job.sources, [&](const auto &inner) {
                return inner != source && lies_below(inner, source) && lies_below(other.target, inner);
            });
            if (of_another_source || there == nullptr || other.in_memory || lies_below_any(other.target, job.exclude))
                continue;
            if (is_snapshot_of(*there, *on) || std::ranges::contains(job.live, other.target))
                around.emplace_back(other.target, there);
            else
                others.push_back(other.target);
        }
    }
    return others;
}

std::vector<std::string> Places::disks_of_repository(const Repository &repository, Seen &seen) const
{
    const auto path = repository.local_path();
    const auto *const mount = path.empty() ? nullptr : mounts_.named(path);
    if (mount == nullptr || may_hang(*mount))
        return {};
    std::error_code error;
    const bool is_there = repository.embedded() || fs::exists(path, error); // the embedded one is made at its first use
    auto disks = is_there ? disks_of(*mount) : std::vector<std::string>{};
    if (disks.empty() && (is_there || error)) // else its disk is absent
        seen.unseen.push_back(std::format("not looked at: on which disk the repository {} is", printable(repository.name)));
    return disks;
}

} // namespace igotchuu::doctor
