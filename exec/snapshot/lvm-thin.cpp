// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm-thin.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/device-mapper.hpp"
#include "exec/snapshot/lvm-kept.hpp"
#include "exec/snapshot/lvm-mount.hpp"
#include "exec/snapshot/lvm.hpp"
#include "exec/snapshot/private-mount.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/mount-table.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <iostream>
#include <map>
#include <set>

namespace igotchuu::lvm
{
namespace
{

/// btrfs and zfs freeze themselves, all of their volumes at one instant.
constexpr std::array<std::string_view, 2> own_snapshots{"btrfs", "zfs"};

/// A source, and where in its file system it lies, whatever is mounted where.
struct Source {
    std::string path;
    std::string inside;
    std::uint64_t inode;
};

/// One file system that sources lie on, by its device.
struct Origin {
    std::string type;
    std::vector<Source> sources{};
    Volume volume{};
    std::string pool{}; ///< full name
    std::string snapshot{}; ///< full name, once it may be there
};

using Origins = std::map<dev_t, Origin>;

Origins look_at(std::span<const std::string> sources)
{
    const MountTable mounts;
    Origins origins;
    for (const auto &source : sources) {
        const Fd directory = open_without_links(source, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
        if (!directory)
            fail(errno, "cannot open the source {}", printable(source));
        const auto place = place_of(directory, source);
        const Mount &mount = mounts.at(place.mount_id);
        auto &origin = origins.try_emplace(mount.device, Origin{.type = mount.type}).first->second;
        origin.sources.push_back({source, mounts.inside(source, place.mount_id), place.inode});
    }
    return origins;
}

/// The volume of each origin. Throws Failure, naming all that cannot be snapshotted.
void find_volumes(Origins &origins, std::span<const Volume> all)
{
    std::string faults;
    const auto refuse = [&](const Origin &origin, const std::string &why) {
        faults += std::format("{}cannot snapshot {}: {}", faults.empty() ? "" : "; ", printable(origin.sources.front().path), why);
    };
    for (auto &[device, origin] : origins) {
        const auto found = std::ranges::find(all, std::optional{device}, &Volume::device);
        if (found == all.end())
            refuse(origin, std::format("LVM knows no volume with the device number {}:{}", major(device), minor(device)));
        else if (!found->thin)
            refuse(origin,
                   std::format("the volume {} is not in a thin pool: see lvmthin(7) for how to move it into one, leave it out "
                               "of the job, or name it in \"live\", to be backed up as it is while it changes",
                               found->full_name()));
        else {
            origin.volume = *found;
            origin.pool = found->group + '/' + found->pool;
        }
    }
    if (!faults.empty())
        throw Failure{faults};
}

/// A pool that runs full stops all volumes in it, and a snapshot is what fills it. lvcreate looks at the threshold alone.
void refuse_full_pools(const Origins &origins, std::span<const Volume> all)
{
    const double limit = limit_of_use();
    for (const auto &[device, origin] : origins) {
        const auto pool = std::ranges::find(all, origin.pool, &Volume::full_name);
        if (pool == all.end() || !pool->data_percent || !pool->metadata_percent)
            throw Failure{std::format("cannot snapshot {}: LVM does not say how full its thin pool {} is: see lvs {}",
                                      printable(origin.sources.front().path), origin.pool, origin.pool)};
        if (std::max(*pool->data_percent, *pool->metadata_percent) <= limit)
            continue;
        throw Failure{std::format(
            "cannot snapshot {}: its thin pool {} is full: {:.1f} % of its data and {:.1f} % of its metadata are in use, "
            "and {:.0f} % {}; a snapshot holds what is overwritten, and a full pool stops all volumes in it: make it "
            "larger (lvextend {} {}), or free space in it (fstrim, lvremove)",
            printable(origin.sources.front().path), origin.pool, *pool->data_percent, *pool->metadata_percent, limit,
            limit < most_percent ? "is where it was to grow by itself (thin_pool_autoextend_threshold)" : "is the limit",
            *pool->data_percent > limit ? "--size +10G" : "--poolmetadatasize +1G", origin.pool)};
    }
}

/// So that little is left to write while the file systems are held up, and the instants lie close together.
void flush(const Origins &origins)
{
    for (const auto &[device, origin] : origins) {
        const auto &source = origin.sources.front().path;
        const Fd directory = open_without_links(source, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
        if (!directory || syncfs(directory.get()) < 0)
            fail(errno, "cannot write back {}", printable(source));
    }
}

std::string stays_suspended(const Volume &volume, const std::exception &error)
{
    return std::format("the volume {} is suspended, and whoever writes to it waits: {} (by hand: lvchange --refresh {})",
                       volume.full_name(), error.what(), volume.full_name());
}

/// A killed lvcreate may have left an origin suspended: whoever writes to it waits.
void resume_origins(std::span<const Volume> all, std::span<const std::string> snapshots, std::vector<std::string> &stuck)
{
    for (const auto &snapshot : all) {
        if (!std::ranges::contains(snapshots, snapshot.full_name()))
            continue;
        for (const auto &volume : all) {
            if (volume.group != snapshot.group || volume.name != snapshot.origin || !volume.suspended)
                continue;
            try {
                resume(volume);
            } catch (const std::exception &error) {
                stuck.push_back(stays_suspended(volume, error));
            }
        }
    }
}

class Snapshots : public Frozen
{
public:
    explicit Snapshots(const Request &request) : Snapshots{} { take(request); }
    ~Snapshots() override { take_away(); }
    Snapshots(const Snapshots &) = delete;
    Snapshots &operator=(const Snapshots &) = delete;

    [[nodiscard]] std::string short_of_space() const override
    {
        for (const auto &[pool, watch] : watches_)
            if (watch.runs_full())
                return std::format("the thin pool {} is running full, and the snapshot holds what is overwritten in it: see lvs {}",
                                   pool, pool);
        return {};
    }
    [[nodiscard]] unsigned free_percent() const override
    {
        const auto limit = limit_of_use();
        unsigned least = 100;
        for (const auto &[pool, watch] : watches_)
            least = std::min(least, watch.free_percent(limit));
        return least;
    }

    void hide() override
    {
        for (auto &mount : mounts_)
            mount.hide();
    }

    void remove() override { refuse_to_stay(release()); }
    void keep() noexcept override { is_kept_ = true; }
    void close() override
    {
        let_go();
        deactivate(names());
    }

private:
    Snapshots() = default; // so that the destructor runs when the other constructor throws

    void take(const Request &request)
    {
        origins_ = look_at(request.sources);
        const auto all = volumes();
        find_volumes(origins_, all);
        refuse_full_pools(origins_, all);
        flush(origins_);
        shoot(request);
        show(request);
    }

    void shoot(const Request &request)
    {
        const auto tag = tag_of(request.run);
        census_.instant = std::chrono::system_clock::now();
        census_.started = std::chrono::steady_clock::now();
        for (auto &[device, origin] : origins_) {
            const auto name = lvm::snapshot_name(request.run, census_.snapshots);
            origin.snapshot = origin.volume.group + '/' + name;
            create_snapshot(origin.volume, name, tag, request.stop.fd());
            ++census_.snapshots;
        }
        census_.ended = std::chrono::steady_clock::now();
        census_.instants = census_.file_systems = census_.snapshots;
    }

    void show(const Request &request)
    {
        activate(names(), request.stop.fd());
        const auto all = volumes();
        for (const auto &[device, origin] : origins_) {
            const auto found = std::ranges::find(all, origin.snapshot, &Volume::full_name);
            if (found == all.end() || !found->device)
                throw Failure{std::format("LVM has activated the snapshot {}, and says that it is not active", origin.snapshot)};
            const auto &mount = mounts_.emplace_back(
                mount_device(origin.type, *found->device, origin.snapshot, std::format("{}/{}", request.scratch, found->name)));
            for (const auto &source : origin.sources) {
                Fd root = open_beneath(mount.root(), source.inside, O_PATH | O_DIRECTORY);
                if (!root || place_of(root, source.path).inode != source.inode)
                    throw Failure{
                        std::format("the source {} was moved or removed while its snapshot was taken", printable(source.path))};
                trees_.push_back({.source = source.path,
                                  .below = "",
                                  .root = std::move(root),
                                  .place = place_of_tree(origin.snapshot, origin.type, source.inside)});
            }
            watches_.try_emplace(origin.pool, device);
        }
    }

    [[nodiscard]] std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        for (const auto &[device, origin] : origins_)
            if (!origin.snapshot.empty())
                all.push_back(origin.snapshot);
        return all;
    }

    void let_go()
    {
        trees_.clear();
        watches_.clear();
        mounts_.clear();
    }

    std::vector<std::string> release()
    {
        let_go();
        const auto snapshots = names();
        origins_.clear();
        return lvm::remove(snapshots);
    }

    void take_away() noexcept
    {
        if (is_kept_)
            return;
        try {
            resume_own_origins();
            static_cast<void>(release());
        } catch (...) { // what stays the next run's reap() reports
        }
    }

    /// By LVM, whose lock keeps others away meanwhile. Where somebody has the lock and does not get on, without it: he may wait for the very volume, and
    /// nobody's own suspension takes as long as LVM was waited for.
    void resume_own_origins()
    {
        const auto snapshots = names();
        std::vector<std::string> stuck;
        try {
            if (!snapshots.empty())
                resume_origins(volumes(), snapshots, stuck);
            if (stuck.empty())
                return;
        } catch (const std::exception &) {
        }
        for (const auto &[device, origin] : origins_) {
            try {
                if (!origin.snapshot.empty())
                    resume_suspended(device);
            } catch (const std::exception &error) { // the next run may be a day away
                std::cerr << stays_suspended(origin.volume, error) << '\n';
            }
        }
    }

    Origins origins_;
    std::vector<PrivateMount> mounts_;
    std::map<std::string, PoolWatch> watches_; ///< by the name of the pool
    bool is_kept_ = false;
};

std::unique_ptr<Frozen> freeze(const Request &request)
{
    return std::make_unique<Snapshots>(request);
}

std::string sees(const Fd &, const std::string &, const Mount &mount)
{
    if (std::ranges::contains(own_snapshots, mount.type) || !is_logical_volume(mount.device))
        return {};
    return std::format("{} on the logical volume {}", mount.type, printable(mount.source));
}

/// The logical volumes that `paths` lie on.
std::set<dev_t> devices_of(std::span<const std::string> paths)
{
    const MountTable mounts;
    std::set<dev_t> devices;
    for (const auto &path : paths) {
        const Fd directory = open_without_links(path, O_PATH | O_DIRECTORY);
        if (!directory)
            continue;
        const dev_t device = mounts.at(place_of(directory, path).mount_id).device;
        if (is_logical_volume(device))
            devices.insert(device);
    }
    return devices;
}

/// The run that has left `volume`; nothing where it is not ours.
std::optional<Leftover> left_by(const Volume &volume)
{
    if (!volume.name.starts_with(own_prefix) || !volume.thin)
        return std::nullopt;
    for (const auto &tag : volume.tags)
        if (const auto run = run_of(tag))
            return parse_run(*run);
    return std::nullopt;
}

Reaped reap(std::span<const std::string> paths, const std::string &, const IsOver &is_over)
{
    Reaped reaped;
    try {
        const auto devices = available() ? devices_of(paths) : std::set<dev_t>{};
        if (devices.empty())
            return reaped;
        const auto all = volumes();
        std::set<std::string> groups;
        for (const auto &volume : all)
            if (volume.device && devices.contains(*volume.device))
                groups.insert(volume.group);
        std::map<std::string, std::vector<std::string>> runs; ///< the full names of what each has left
        for (const auto &volume : all) {
            if (!groups.contains(volume.group))
                continue;
            if (const auto leftover = left_by(volume))
                runs[leftover->instance + ':' + leftover->run].push_back(volume.full_name());
            else if (volume.name.starts_with(own_prefix))
                reaped.foreign.push_back("the logical volume " + volume.full_name());
        }
        for (const auto &[run, names] : runs) {
            const auto leftover = *parse_run(run);
            if (!is_over(leftover))
                continue;
            resume_origins(all, names, reaped.stuck);
            const auto stays = lvm::remove(names);
            if (stays.empty())
                reaped.removed.push_back(leftover);
            std::ranges::copy(stays, std::back_inserter(reaped.stuck));
        }
    } catch (const std::runtime_error &error) { // what other methods have left is theirs
        reaped.stuck.emplace_back(error.what());
    }
    return reaped;
}

} // namespace

const Method method{.name = "lvm-thin", .sees = sees, .freeze = freeze, .reap = reap, .adopt = adopt};

} // namespace igotchuu::lvm
