// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs.hpp"

#include "exec/excluded.hpp"
#include "exec/open-beneath.hpp"
#include "exec/open-files.hpp"
#include "exec/snapshot/zfs-command.hpp"
#include "exec/snapshot/zfs-kept.hpp"
#include "exec/snapshot/zfs-mounted.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <map>
#include <ranges>
#include <set>

namespace igotchuu::zfs
{
namespace
{

constexpr unsigned tries = 3;
constexpr std::size_t sentences_max = 10;

bool is_dataset(const Mount &mount) // and not a snapshot, which somebody mounted or looked at
{
    return mount.type == "zfs" && !mount.source.empty() && !mount.source.contains('@');
}

/// A dataset that the backup of a source shows, and where.
struct Shown {
    std::string source;
    std::string below; ///< of the source; empty: the source itself
    std::string dataset;
    std::string inside; ///< the directory in the dataset that is shown there, "/": its root
    std::uint64_t inode; ///< of that directory

    [[nodiscard]] std::string path() const { return below.empty() ? source : (std::filesystem::path{source} / below).native(); }
    friend bool operator==(const Shown &, const Shown &) = default;
};

Shown shown_at(const std::string &source, const std::string &path, const MountTable &mounts, const Place &place)
{
    const auto &mount = mounts.at(place.mount_id);
    return {.source = source,
            .below = path == source ? "" : std::filesystem::path{path}.lexically_relative(source).native(),
            .dataset = mount.source,
            .inside = mounts.inside(path, place.mount_id),
            .inode = place.inode};
}

/// Where a dataset is mounted that a frozen one around it has a place for.
void look_below(const std::string &source, const std::string &path, std::uint64_t mount, const MountTable &mounts,
                std::vector<Shown> &all)
{
    for (const auto &other : mounts.others_below(path, mount)) {
        const Fd there = open_without_links(other.target, O_PATH); // not O_DIRECTORY, which wakes an automount
        if (!there)
            continue;
        const auto place = place_of(there, other.target);
        const Mount &its = mounts.at(place.mount_id);
        if (its.target != other.target || !is_dataset(its) || !is_dataset(mounts.at(its.parent))) // covered, or on a tmpfs
            continue;
        all.push_back(shown_at(source, other.target, mounts, place));
        look_below(source, other.target, place.mount_id, mounts, all);
    }
}

/// Parents before children.
std::vector<Shown> look(std::span<const std::string> sources)
{
    const MountTable mounts;
    std::vector<Shown> all;
    for (const auto &source : sources) {
        const Fd directory = open_without_links(source, O_PATH | O_DIRECTORY);
        if (!directory)
            fail(errno, "cannot open the source {}", source);
        const auto place = place_of(directory, source);
        if (!is_dataset(mounts.at(place.mount_id)))
            throw Failure{
                std::format("cannot snapshot {}: it lies on {} and no longer on zfs: something was mounted or unmounted this "
                            "very moment; try again",
                            source, mounts.at(place.mount_id).type)};
        all.push_back(shown_at(source, source, mounts, place));
        look_below(source, source, place.mount_id, mounts, all);
    }
    return all;
}

std::map<std::string, std::set<std::string>> by_pool(std::span<const Shown> shown)
{
    std::map<std::string, std::set<std::string>> pools;
    for (const auto &one : shown)
        pools[std::string{pool_of(one.dataset)}].insert(one.dataset);
    return pools;
}

/// Of the file systems that would be mounted below a source and are not: what is in the backup is an empty directory.
class Unmounted
{
public:
    explicit Unmounted(const Request &request) : request_{request}
    {
        const MountTable mounts;
        for (const auto &mount : mounts.all())
            if (is_dataset(mount))
                mounted_.insert(mount.source);
    }

    void look(std::string_view pool)
    {
        for (auto &one : file_systems_of(pool, request_.stop.fd()))
            if (is_missing(one))
                missing_.push_back(std::move(one));
    }

    void tell(Census &census)
    {
        std::ranges::sort(missing_, {}, [](const FileSystem &one) { return std::filesystem::path{one.mount_point}; });
        std::string above;
        for (const auto &one : missing_) {
            if (lies_below(one.mount_point, above)) // it comes with that
                continue;
            above = one.mount_point;
            ++census.left_out;
            if (census.left_out_why.size() < sentences_max)
                census.left_out_why.push_back(std::format("the dataset {} belongs on {} and is not mounted{}: it is not in the "
                                                          "backup (zfs mount{} '{}', or exclude that path)",
                                                          one.name, one.mount_point,
                                                          one.key_missing ? ", since its key is not loaded" : "",
                                                          one.key_missing ? " -l" : "", one.name));
        }
    }

private:
    [[nodiscard]] bool is_missing(const FileSystem &one) const
    {
        const auto above = [&](const std::string &path) { return lies_below(one.mount_point, path); };
        return (one.mounts_itself || (one.key_missing && !one.mounts_never)) && !mounted_.contains(one.name) &&
               std::ranges::any_of(request_.sources,
                                   [&](const auto &source) { return above(source) && one.mount_point != source; }) &&
               !is_excluded(request_.job, one.mount_point);
    }

    const Request &request_;
    std::set<std::string, std::less<>> mounted_;
    std::vector<FileSystem> missing_;
};

/// The snapshots of all datasets that `sources` lie on and that are mounted below them, as this namespace has them mounted: a mountpoint property says
/// where a dataset would be, not where it is. DATASET@igotchuu-INVOCATION, of each pool at one instant, mounted read-only on `scratch` without zfs's
/// helper, never reached through .zfs: its automount runs a program on the host. zfs(8).
class Snapshots : public Frozen
{
public:
    explicit Snapshots(const Request &request);
    ~Snapshots() override;
    Snapshots(const Snapshots &) = delete;
    Snapshots &operator=(const Snapshots &) = delete;

    [[nodiscard]] std::string short_of_space() const override;
    [[nodiscard]] unsigned free_percent() const override;
    void hide() override;
    void remove() override;
    void keep() noexcept override;
    void close() override;
    [[nodiscard]] std::string version() const override;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

struct Snapshots::Implementation {
    std::vector<Shown> shown;
    std::unique_ptr<Shot> shot;
    Mounted mounted; ///< what `shot` has made: it goes first

    /// False: what is mounted where has changed meanwhile, and there is another try.
    bool try_once(const Request &request, Census &census, bool last);
    std::vector<Tree> trees();
};

bool Snapshots::Implementation::try_once(const Request &request, Census &census, bool last)
{
    shown = look(request.sources);
    shot = std::make_unique<Shot>(request.run);
    std::string fault;
    census.started = std::chrono::steady_clock::now();
    for (const auto &[pool, datasets] : by_pool(shown)) {
        try {
            refuse_suspended(pool);
            shot->take(datasets, request.stop.fd());
        } catch (const Failure &error) {
            const auto first = std::ranges::find(shown, pool, [](const Shown &one) { return pool_of(one.dataset); });
            fault = std::format("cannot snapshot {}: {}", first->path(), error.what());
            break;
        }
    }
    census.ended = std::chrono::steady_clock::now();
    const auto after = look(request.sources);
    if (after != shown && !last) {
        shot.reset();
        return false;
    }
    if (!fault.empty())
        throw Failure{fault};
    for (const auto &one : after)
        if (!std::ranges::contains(shown, one)) {
            ++census.left_out;
            census.left_out_why.push_back(
                std::format("the dataset {} came to {} while the snapshots were taken", one.dataset, one.path()));
        }
    return true;
}

std::vector<Tree> Snapshots::Implementation::trees()
{
    std::vector<Tree> all;
    for (const auto &one : shown) {
        const auto inside = std::string_view{one.inside}.substr(one.inside.starts_with('/') ? 1 : 0);
        const auto snapshot = shot->of(one.dataset);
        Fd root = mounted.open(snapshot, inside);
        const bool whole = inside.empty(); // the root of a snapshot has an inode number of its own
        if (!root || (!whole && place_of(root, one.path()).inode != one.inode))
            throw Failure{std::format("{} was moved or removed while its snapshot was taken; try again", one.path())};
        all.push_back({one.source, one.below, std::move(root), Spot::mount_point, place_of_tree(snapshot, inside)});
    }
    return all;
}

Snapshots::Snapshots(const Request &request) : implementation_{std::make_unique<Implementation>()}
{
    constexpr rlim_t files_each = 4; // here and in the view
    auto &its = *implementation_;
    for (unsigned at = 1; !its.try_once(request, census_, at == tries); ++at)
        ;
    const auto &shown = its.shown;
    if (const auto most = raise_limit_of_open_files() / files_each; shown.size() > most)
        throw Failure{std::format("{} datasets are mounted at or below the sources, and the limit of open files allows {} "
                                  "(LimitNOFILE= in [service] of the job)",
                                  shown.size(), most)};
    for (const auto &one : shown)
        its.mounted.add(its.shot->of(one.dataset), request.scratch);
    Unmounted unmounted{request};
    for (const auto &[pool, datasets] : by_pool(shown))
        unmounted.look(pool);
    unmounted.tell(census_);
    std::set<std::pair<std::string_view, std::uint64_t>> instants;
    std::set<std::string_view> pools;
    for (const auto &[dataset, snapshot] : its.shot->taken()) {
        pools.insert(pool_of(dataset));
        instants.emplace(pool_of(dataset), snapshot.transaction);
        census_.instant = std::min(census_.instant, snapshot.created);
    }
    census_.snapshots = static_cast<std::uint32_t>(its.shot->taken().size());
    census_.file_systems = static_cast<std::uint32_t>(pools.size());
    census_.instants = static_cast<std::uint32_t>(instants.size());
    trees_ =
        its.trees(); // last: while they are open no snapshot can be destroyed, and a constructor that throws closes them too late
}

Snapshots::~Snapshots()
{
    trees_.clear();
}

std::string Snapshots::short_of_space() const
{
    return implementation_->mounted.short_of_space();
}

unsigned Snapshots::free_percent() const
{
    std::set<std::string> pools;
    for (const auto &[dataset, snapshot] : implementation_->shot->taken())
        pools.insert(std::string{pool_of(dataset)});
    return std::min(implementation_->mounted.free_percent(), free_percent_of(pools));
}

/// Ours are gone after the run, and of datasets without others nothing is known. Names are the users', so each has its length before it.
std::string Snapshots::version() const
try {
    std::vector<std::string> datasets;
    for (const auto &[dataset, snapshot] : implementation_->shot->taken())
        datasets.push_back(dataset);
    const auto written = written_to(datasets);
    std::string text;
    for (const auto &one : implementation_->shown) {
        const auto same = same_as(written, implementation_->shot->of(one.dataset));
        if (same.empty())
            return {};
        text += std::format(" {} {} {}:{};", same, one.inode, one.path().size(), one.path());
    }
    return text;
} catch (const Failure &) { // then there is a backup
    return {};
}

void Snapshots::hide()
{
    implementation_->mounted.hide();
}

void Snapshots::remove()
{
    trees_.clear();
    implementation_->mounted.clear();
    refuse_to_stay(implementation_->shot->remove());
}

void Snapshots::keep() noexcept
{
    implementation_->shot->keep();
}

void Snapshots::close()
{
    trees_.clear();
    implementation_->mounted.clear();
}

/// What is called as ours, and is marked: by run.
void sort_out(std::string_view pool, std::map<std::string, std::vector<std::string>> &runs, Reaped &reaped)
{
    for (const auto &[snapshot, its_own, run] : marks_of(snapshots_called_as_ours(pool))) {
        const auto leftover = parse_run(run);
        if (its_own && leftover && snapshot.ends_with('@' + snapshot_name(leftover->run)))
            runs[run].emplace_back(dataset_of(snapshot));
        else
            reaped.foreign.push_back("the snapshot " + snapshot);
    }
}

Reaped reap(std::span<const std::string> paths, const std::string &, const IsOver &is_over)
{
    Reaped reaped;
    std::set<std::string_view> pools;
    const MountTable mounts;
    for (const auto &mount : mounts.all()) // the path lies on it, or it lies below the path
        if (mount.type == "zfs" && std::ranges::any_of(paths, [&](const auto &path) {
                return lies_below(path, mount.target) || lies_below(mount.target, path);
            }))
            pools.insert(pool_of(mount.source));
    std::map<std::string, std::vector<std::string>> runs;
    for (const auto pool : pools) {
        try {
            sort_out(pool, runs, reaped);
        } catch (const std::exception &error) { // of this pool only
            reaped.stuck.push_back(std::format("what is left in the pool {} is not known: {}", pool, error.what()));
        }
    }
    for (const auto &[run, datasets] : runs) {
        const auto leftover = *parse_run(run);
        if (!is_over(leftover))
            continue;
        auto stay = destroy(datasets, snapshot_name(leftover.run));
        if (stay.empty())
            reaped.removed.push_back(leftover);
        std::ranges::move(stay, std::back_inserter(reaped.stuck));
    }
    return reaped;
}

std::string sees(const Fd &, const std::string &, const Mount &mount)
{
    return is_dataset(mount) ? std::format("dataset {}", printable(mount.source)) : "";
}

std::unique_ptr<Frozen> freeze(const Request &request)
{
    return std::make_unique<Snapshots>(request);
}

} // namespace

const Method method{.name = "zfs", .sees = sees, .freeze = freeze, .reap = reap, .adopt = adopt};

} // namespace igotchuu::zfs
