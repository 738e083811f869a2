// SPDX-License-Identifier: MIT
#include "exec/snapshot/btrfs.hpp"

#include "exec/open-beneath.hpp"
#include "exec/open-files.hpp"
#include "exec/snapshot/pool.hpp"
#include "exec/snapshot/volume.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"

#include <climits>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace igotchuu::btrfs
{
namespace
{

struct NestedLimit {
    std::uint32_t count;
    std::string name; ///< of what sets it
};

/// A nested subvolume has at most two descriptors at a time, here and in the view.
NestedLimit limit_nested(std::uint32_t nested_max)
{
    const auto limit = raise_limit_of_open_files();
    constexpr rlim_t others = 100, most = 1'000'000;
    const auto descriptors_allow = static_cast<std::uint32_t>((std::clamp<rlim_t>(limit, others, most) - others) / 2);
    if (descriptors_allow < nested_max)
        return {descriptors_allow, std::format("what the limit of {} open files allows (LimitNOFILE=)", limit)};
    return {nested_max, std::format("nested-max = {}", nested_max)};
}

} // namespace

struct Snapshots::Implementation {
    std::vector<std::unique_ptr<Volume>> volumes;
    std::string version;

    Volume &volume_of(const Fd &directory, const std::string &path, const std::string &scratch, const std::string &run)
    {
        const auto found =
            std::ranges::find(volumes, file_system(directory, path).id, [](const auto &volume) { return volume->id(); });
        return found != volumes.end() ? **found : *volumes.emplace_back(std::make_unique<Volume>(directory, path, scratch, run));
    }
};

Snapshots::Snapshots(std::span<const std::string> sources, std::string run, const std::string &scratch, std::uint32_t nested_max,
                     NestedReadOnly read_only, IsExcluded is_excluded)
    : implementation_{std::make_unique<Implementation>()}
{
    if (!parse_run(run) || run.contains('/') || run.size() > NAME_MAX)
        throw Failure{std::format("\"{}\" cannot be the name of a run's snapshots", run)};
    auto &volumes = implementation_->volumes;
    for (const auto &source : sources) { // none is kept open: the host may unmount what it likes
        const Fd directory = open_source(source);
        implementation_->volume_of(directory, source, scratch, run).add(directory, source);
    }
    const auto limit = limit_nested(nested_max);
    census_.limit = limit.name;
    NestedWanted wanted{limit.count, read_only, std::move(is_excluded)};
    for (const auto &volume : volumes)
        wanted.most -= volume->take(wanted);
    for (const auto &volume : volumes) {
        census_.started = std::min(census_.started, volume->started());
        census_.ended = std::max(census_.ended, volume->ended());
        census_.instant = std::min(census_.instant, volume->instant());
        implementation_->version += volume->version() + ';';
        volume->place(trees_, census_);
    }
}

namespace
{

/// A source that leads to the file system of the kept tree `place`. A source may be on another one by now, or be gone.
Fd open_same_file_system(const Adoption &adoption, std::string_view place, std::string &path)
{
    for (const auto &tree : adoption.trees) {
        Fd directory = open_without_links(tree.source, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
        if (!directory || !on_btrfs(directory, tree.source) || !place.starts_with(uuid(file_system(directory, tree.source)) + ' '))
            continue;
        path = tree.source;
        return directory;
    }
    throw FileSystemAbsent{
        std::format("the btrfs with the kept snapshots of {} is not mounted there any more", adoption.trees.front().source)};
}

} // namespace

Snapshots::Snapshots(const Adoption &adoption) : implementation_{std::make_unique<Implementation>()}
{
    auto &volumes = implementation_->volumes;
    std::unordered_map<std::string_view, Volume *> known; // 20,000 trees lie on one file system
    for (const auto &tree : adoption.trees) {
        const std::string_view place = tree.place;
        const auto space = place.find(' ');
        auto &volume = known[place.substr(0, space)];
        if (volume == nullptr) {
            std::string path;
            const Fd directory = open_same_file_system(adoption, place, path);
            volume =
                volumes.emplace_back(std::make_unique<Volume>(directory, path, adoption.scratch, adoption.run, RunDirectory::kept))
                    .get();
        }
        trees_.push_back(volume->kept_tree(tree, place.substr(space + 1)));
    }
    census_.snapshots = static_cast<std::uint32_t>(trees_.size());
    census_.instants = 1;
    census_.file_systems = static_cast<std::uint32_t>(volumes.size());
}

Snapshots::~Snapshots()
{
    trees_.clear();
}

Snapshots::Snapshots(Snapshots &&) noexcept = default;
Snapshots &Snapshots::operator=(Snapshots &&) noexcept = default;

std::string Snapshots::short_of_space() const
{
    for (const auto &volume : implementation_->volumes)
        if (volume->short_of_space())
            return std::format(
                "the btrfs on {} is running out of space, and the snapshot holds what is deleted on it: see btrfs filesystem "
                "usage MOUNTPOINT",
                volume->device());
    return {};
}

void Snapshots::hide()
{
    for (const auto &volume : implementation_->volumes)
        volume->hide();
}

void Snapshots::remove()
{
    trees_.clear();
    std::vector<std::string> stays;
    for (const auto &volume : implementation_->volumes)
        if (auto one = volume->remove(); !one.empty())
            stays.push_back(std::move(one));
    implementation_->volumes.clear();
    refuse_to_stay(stays);
}

void Snapshots::keep() noexcept
{
    for (const auto &volume : implementation_->volumes)
        volume->keep();
}

void Snapshots::close()
{
    trees_.clear();
    const auto volumes = std::exchange(implementation_->volumes, {});
    for (const auto &volume : volumes)
        volume->close();
}

std::string Snapshots::version() const
{
    return implementation_->version;
}

unsigned Snapshots::free_percent() const
{
    unsigned least = 100;
    for (const auto &volume : implementation_->volumes)
        least = std::min(least, volume->free_percent());
    return least;
}

namespace
{

void reap_pool(const TopLevel &top, Reaped &reaped, const IsOver &is_over)
{
    const auto pool = find_pool(top);
    if (!pool)
        return;
    for (const auto &name : names_in(*pool, std::string{pool_name})) {
        struct stat status{};
        if (fstatat(pool->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
            continue; // another run has just ended
        const auto leftover = parse_run(name);
        if (!leftover || !S_ISDIR(status.st_mode) || status.st_ino == root_inode) {
            reaped.foreign.push_back(std::format("{}/{} at the top of the btrfs on {}", pool_name, name, top.device()));
            continue;
        }
        if (!is_over(*leftover))
            continue;
        if (const auto removal = remove_run(*pool, name, top.device()); removal.staying == 0)
            reaped.removed.push_back(*leftover);
        else
            reaped.stuck.push_back(removal.first);
    }
}

Reaped reap(std::span<const std::string> paths, const std::string &scratch, const IsOver &is_over)
{
    Reaped reaped;
    std::set<std::array<std::uint8_t, 16>> seen;
    for (const auto &path : paths) {
        try {
            Fd directory = open_without_links(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
            if (!directory || !on_btrfs(directory, path) || !seen.insert(file_system(directory, path).id).second)
                continue;
            TopLevel top{directory, path, scratch};
            directory = {};
            reap_pool(top, reaped, is_over);
            top.unmount();
        } catch (const std::runtime_error &error) { // of this file system only
            reaped.stuck.emplace_back(error.what());
        }
    }
    return reaped;
}

std::string sees(const Fd &directory, const std::string &path, const Mount &)
{
    return on_btrfs(directory, path) ? std::format("subvolume {} of a btrfs", subvolume_id(directory, path)) : "";
}

std::unique_ptr<Frozen> freeze(const Request &request)
{
    return std::make_unique<Snapshots>(request.sources, request.run, request.scratch, request.job.nested_max,
                                       request.job.nested_read_only ? NestedReadOnly::include : NestedReadOnly::leave_out,
                                       request.is_excluded);
}

std::unique_ptr<Frozen> adopt(const Adoption &adoption)
{
    return std::make_unique<Snapshots>(adoption);
}

} // namespace

const Method method{.name = "btrfs", .sees = sees, .freeze = freeze, .reap = reap, .adopt = adopt};

} // namespace igotchuu::btrfs
