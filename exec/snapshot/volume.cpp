// SPDX-License-Identifier: MIT
#include "exec/snapshot/volume.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/explain.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <ranges>
#include <set>

namespace igotchuu::btrfs
{
namespace
{

// A try with few subvolumes takes some milliseconds, one with 10,000 takes 5 s and is never one transaction.
constexpr std::size_t few = 256;
// On a busy machine (load 20 on 2 cores, writers at full speed; 8 subvolumes) one try in five fails, and one that follows a failed one in two: after
// 5 tries 10 of 1,000 runs were not one instant.
constexpr unsigned tries_of_few = 20, tries_of_many = 3;
constexpr std::chrono::milliseconds renames_outrun{
    100}; // of all subvolumes of one look together: a rename in a loop is in the way of most steps
constexpr std::size_t sentences_max = 10;

bool is_gone(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE || error == EXDEV;
}

/// What the others meet as well. All else is about the one subvolume, and no reason to have no backup of the rest: a swap file in it, or whatever a user
/// may do to hers.
bool is_of_file_system(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO;
}

/// btrfs says 0 as well when there is none for metadata. A file system that cannot be asked (gone) is not short of it.
Space space_of(const TopLevel &top)
{
    struct statfs status{};
    if (fstatfs(top.root().get(), &status) < 0)
        return {0, ~std::uint64_t{0}};
    const auto block = static_cast<std::uint64_t>(status.f_bsize);
    return {status.f_blocks * block, status.f_bavail * block};
}

bool same_places(const std::vector<Below> &a, const std::vector<Below> &b)
{
    return std::ranges::equal(a, b, {}, &Below::wanted, &Below::wanted);
}

} // namespace

Volume::Volume(const Fd &directory, const std::string &path, const std::string &scratch, std::string run,
               RunDirectory run_directory)
    : id_{file_system(directory, path).id}, top_{directory, path, scratch}, run_{std::move(run)},
      kept_{run_directory == RunDirectory::kept}
{
    if (kept_) {
        find_run_directory();
        measure_space();
    } else {
        make_run_directory(path);
    }
}

void Volume::make_run_directory(const std::string &path)
{
    if (top_.read_only())
        throw Failure{std::format("cannot snapshot {}: {}", path, explain(EROFS, id_, 0, top_.device()))};
    try {
        pool_ = make_pool(top_);
        if (mkdirat(pool_.get(), run_.c_str(), 0700) < 0)
            fail(errno, "cannot make {}/{} at the top of the btrfs on {}", pool_name, run_, top_.device());
        run_directory_ = Fd{openat(pool_.get(), run_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!run_directory_)
            fail(errno, "cannot open {}/{} at the top of the btrfs on {}", pool_name, run_, top_.device());
    } catch (const std::system_error &error) {
        if (error.code().value() == ENOSPC || error.code().value() == EROFS || error.code().value() == EDQUOT)
            throw Failure{std::format("cannot snapshot {}: {}", path, explain(error.code().value(), id_, 0, top_.device()))};
        throw;
    }
}

void Volume::find_run_directory()
{
    auto pool = find_pool(top_);
    const int directory = pool ? openat(pool->get(), run_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    const int error = pool ? errno : ENOENT;
    run_directory_ = Fd{directory};
    if (!run_directory_ && error == ENOENT)
        throw SnapshotGone{std::format("{}/{} at the top of the btrfs on {} is gone", pool_name, run_, top_.device())};
    if (!run_directory_)
        fail(error, "cannot open {}/{} at the top of the btrfs on {}", pool_name, run_, top_.device());
    pool_ = std::move(*pool);
}

Tree Volume::kept_tree(const KeptTree &tree, std::string_view path) const
{
    Fd root = open_beneath(run_directory_, std::string{path}, O_PATH | O_DIRECTORY);
    if (!root && is_gone(errno))
        throw SnapshotGone{std::format("{}/{}/{} at the top of the btrfs on {} is gone", pool_name, run_, path, top_.device())};
    if (!root)
        fail(errno, "cannot open {}/{}/{} at the top of the btrfs on {}", pool_name, run_, path, top_.device());
    return {.source = tree.source, .below = tree.below, .root = std::move(root), .spot = Spot::stub, .place = tree.place};
}

Volume::~Volume()
{
    if (kept_ || !run_directory_)
        return;
    try {
        [[maybe_unused]] const auto stays = remove(); // the next run's reap() reports it
    } catch (...) {
    }
}

void Volume::add(const Fd &directory, const std::string &path)
{
    Source source{.path = path, .subvolume = subvolume_id(directory, path), .inode = place_of(directory, path).inode, .root = {}};
    source.root = open_subvolume(top_.root(), subvolumes(top_.root()), source.subvolume);
    if (!source.root && !is_gone(errno))
        fail(errno, "cannot open the subvolume that {} is in", path);
    if (!source.root)
        throw Failure{std::format("cannot snapshot {}: its subvolume was moved or removed this very moment", path)};
    sources_.push_back(std::move(source));
}

Volume::Plan Volume::look(NestedWanted wanted) const
{
    Plan plan;
    auto all = subvolumes(top_.root());
    std::ranges::stable_sort(all, {}, &Subvolume::parent);
    std::set<std::uint64_t> seen;
    const auto want = [&](std::uint64_t id) {
        if (seen.insert(id).second)
            plan.ids.push_back(id);
    };
    for (const auto &source : sources_) {
        const auto inside = path_in_subvolume(top_.root(), source.subvolume, source.inode);
        if (!inside)
            throw Failure{
                std::format("cannot snapshot {}: it lies too deep in its subvolume, or was removed this very moment", source.path)};
        want(source.subvolume);
        const auto &below = plan.below.emplace_back(nested_below(top_.root(), all, source.subvolume, *inside, source.path, wanted));
        wanted.most -= static_cast<std::uint32_t>(below.wanted.size());
        for (const auto &nested : below.wanted)
            want(nested.id);
    }
    return plan;
}

const Fd &Volume::live_root(const Plan &plan, std::uint64_t subvolume) const
{
    const auto source = std::ranges::find(sources_, subvolume, &Source::subvolume);
    return source != sources_.end() ? source->root : plan.open.at(subvolume);
}

/// The root of `nested`, which lies in the subvolume of `parent`; not open: it is gone. A user may rename a directory on the way to it all the time.
Fd Volume::open_root(const Fd &parent, const Nested &nested, std::chrono::steady_clock::time_point until) const
{
    for (std::optional<std::string> inside = nested.inside; inside;) {
        const auto path = *inside + nested.name;
        Fd root = open_beneath(parent, path, O_RDONLY | O_DIRECTORY);
        if (!root && !is_gone(errno))
            fail(errno, "cannot open the nested subvolume {}", path);
        if (root && is_root_of(root, path, nested.id)) // and not another one that somebody put there
            return root;
        if (std::chrono::steady_clock::now() >= until)
            break;
        inside = path_in_subvolume(top_.root(), nested.parent, nested.directory); // where it is now
    }
    return {};
}

void Volume::open_roots(Plan &plan) const
{
    const auto until = std::chrono::steady_clock::now() + renames_outrun;
    for (const auto &nested : plan.below | std::views::transform(&Below::wanted) | std::views::join) {
        if (plan.open.contains(nested.id))
            continue;
        const Fd &parent = live_root(plan, nested.parent);
        plan.open.emplace(nested.id, parent ? open_root(parent, nested, until) : Fd{});
    }
}

/// What the kernel said of one snapshot that it did not take.
void Volume::judge(const Plan &plan, std::uint64_t subvolume, int error)
{
    const auto source = std::ranges::find(sources_, subvolume, &Source::subvolume);
    if (source != sources_.end())
        throw Failure{is_gone(error)
                          ? std::format("cannot snapshot {}: its subvolume was moved or removed this very moment", source->path)
                          : std::format("cannot snapshot {}: {}", source->path, explain(error, id_, subvolume, top_.device()))};
    if (is_gone(error))
        return;
    for (std::size_t i = 0; i < plan.below.size(); ++i) {
        const auto nested = std::ranges::find(plan.below[i].wanted, subvolume, &Nested::id);
        if (nested == plan.below[i].wanted.end())
            continue;
        const auto what = std::format("cannot snapshot the subvolume {} below {}: {}", nested->inside + nested->name,
                                      sources_[i].path, explain(error, id_, subvolume, top_.device()));
        if (is_of_file_system(error))
            throw Failure{what};
        refused_.emplace(subvolume, what);
        return;
    }
}

void Volume::shoot(const Plan &plan)
{
    std::vector<const Fd *> origins;
    for (const auto id : plan.ids)
        origins.push_back(&live_root(plan, id));
    const auto shot = snapshot_all(top_.root(), origins, run_directory_);
    started_ = shot.started;
    ended_ = shot.ended;
    for (std::size_t i = 0; i < plan.ids.size(); ++i) {
        if (shot.errors[i] != 0) {
            judge(plan, plan.ids[i], shot.errors[i]);
            continue;
        }
        const auto path = std::to_string(i) + '/' + snapshot_name;
        Fd root = open_beneath(run_directory_, path, O_RDONLY | O_DIRECTORY);
        if (!root)
            fail(errno, "cannot open the snapshot {}", path);
        const auto info = subvolume_info(root, path);
        taken_.emplace(plan.ids[i], Taken{std::move(root), info});
    }
}

void Volume::forget_shot()
{
    taken_.clear();
    refused_.clear();
    for (const auto &number : names_in(run_directory_, run_)) {
        const Fd place = open_beneath(run_directory_, number, O_RDONLY | O_DIRECTORY);
        const int error = place ? destroy_snapshot(place, snapshot_name) : errno;
        if (error != 0 && error != ENOENT)
            fail(error, "cannot delete the snapshot {}/{}/{}/{} at the top of the btrfs on {}", pool_name, run_, number,
                 snapshot_name, top_.device());
    }
}

std::uint32_t Volume::take(const NestedWanted &wanted)
{
    for (unsigned tries = 1;; ++tries) {
        plan_ = look(wanted);
        open_roots(plan_);
        shoot(plan_);
        plan_.open.clear(); // the live file system is not kept busy any longer
        after_ = look(wanted);
        const bool many = plan_.ids.size() > few;
        if ((same_places(plan_.below, after_.below) && (many || transactions() == 1)) ||
            tries == (many ? tries_of_many : tries_of_few))
            break;
        forget_shot();
    }
    measure_space();
    std::size_t nested = 0;
    for (const auto &below : plan_.below)
        nested += below.wanted.size();
    return static_cast<std::uint32_t>(nested);
}

void Volume::measure_space()
{
    const auto space = space_of(top_);
    least_space_ = std::min({space.all / 100, std::uint64_t{1} << 30U, space.free / 2});
}

/// Numbers that no name leads to: whoever may make subvolumes cannot choose them.
std::string Volume::version() const
{
    auto text = uuid({id_, {}});
    for (const auto &source : sources_)
        text += std::format(" {}/{}", source.subvolume, source.inode);
    for (const auto id : plan_.ids) {
        const auto taken = taken_.find(id);
        text += std::format(" {}:{}", id, taken == taken_.end() ? 0 : taken->second.info.changed_in);
    }
    return text;
}

unsigned Volume::free_percent() const
{
    const auto data = space_of(top_), metadata = metadata_space(top_.root(), top_.device());
    const auto percent = [](const Space &space) {
        return space.all == 0 ? 100U : static_cast<unsigned>(std::min(space.free, space.all) * 100 / space.all);
    };
    return std::min(percent(data), percent(metadata));
}

bool Volume::short_of_space() const
{
    return space_of(top_).free < least_space_;
}

std::uint32_t Volume::transactions() const
{
    std::set<std::uint64_t> different;
    for (const auto &[id, taken] : taken_)
        different.insert(taken.info.created_in);
    return static_cast<std::uint32_t>(different.size());
}

std::chrono::system_clock::time_point Volume::instant() const
{
    return std::ranges::min(taken_ | std::views::values |
                            std::views::transform([](const Taken &taken) { return taken.info.created; }));
}

/// In the run's directory, for kept_tree(): what is `inside` (empty or "a/b/") the snapshot of `subvolume`.
std::string Volume::place_of_snapshot(std::uint64_t subvolume, std::string_view inside) const
{
    const auto number = std::ranges::find(plan_.ids, subvolume) - plan_.ids.begin();
    return std::format("{} {}/{}/{}", uuid({.id = id_, .device = {}}), number, snapshot_name, inside);
}

/// Of one source: which subvolumes have their place in the view, and what is said of the others.
struct Volume::Placing {
    const Source &source;
    std::string inside; ///< where the source's directory was at the instant
    std::vector<Tree> &trees;
    Census &census;
    std::unordered_map<std::uint64_t, std::string> below; ///< the path of what is placed, by subvolume
    std::set<std::uint64_t> missing;

    void leave_out(std::uint64_t id, std::string why)
    {
        if (!missing.insert(id).second)
            return;
        ++census.left_out;
        if (census.left_out_why.size() < sentences_max)
            census.left_out_why.push_back(std::move(why));
    }
};

/// Whether the parent's snapshot has the empty directory of `nested`: what was there at the instant. Its path below the source goes to `below`.
/// The inode number of the directory that holds it is the same in the snapshot, so no race on the live file system can lead astray.
bool Volume::stub_at(Placing &placing, const Nested &nested, std::string &below) const
{
    const auto parent_below = placing.below.find(nested.parent);
    if (parent_below == placing.below.end())
        return false;
    const auto &parent = taken_.at(nested.parent);
    const auto directory = path_in_subvolume(top_.root(), parent.info.id, nested.directory);
    const bool in_source = nested.parent == placing.source.subvolume;
    if (!directory || (in_source && !directory->starts_with(placing.inside)))
        return false;
    const Fd stub = open_beneath(parent.root, *directory + nested.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    below = parent_below->second.empty() ? "" : parent_below->second + '/';
    below += directory->substr(in_source ? placing.inside.size() : 0) + nested.name;
    return stub && place_of(stub, nested.name).inode == stub_inode;
}

void Volume::place_nested(Placing &placing, const Nested &nested) const
{
    std::string below;
    const bool was_there = stub_at(placing, nested, below);
    const auto taken = taken_.find(nested.id);
    if (was_there && taken != taken_.end()) {
        Fd root = open_beneath(taken->second.root, "", O_PATH | O_DIRECTORY);
        if (!root)
            fail(errno, "cannot open the snapshot of {}/{}", placing.source.path, below);
        placing.trees.push_back({placing.source.path, below, std::move(root), Spot::stub, place_of_snapshot(nested.id, "")});
        placing.below.emplace(nested.id, std::move(below));
    } else if (placing.missing.contains(nested.parent)) {
        placing.leave_out(nested.id, std::format("the subvolume {} below {} lies in one that is left out",
                                                 nested.inside + nested.name, placing.source.path));
    } else if (const auto refused = refused_.find(nested.id); refused != refused_.end()) {
        placing.leave_out(nested.id, refused->second);
    } else if (was_there || taken != taken_.end()) {
        placing.leave_out(nested.id, std::format("the subvolume {} below {} was moved or deleted while the snapshots were taken",
                                                 nested.inside + nested.name, placing.source.path));
    } // else it was gone before the instant
}

void Volume::place(std::vector<Tree> &trees, Census &census)
{
    census.snapshots += static_cast<std::uint32_t>(taken_.size());
    census.instants += transactions();
    ++census.file_systems;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        const Source &source = sources_[i];
        const Taken &origin = taken_.at(source.subvolume);
        const auto inside = path_in_subvolume(top_.root(), origin.info.id, source.inode);
        Fd root = inside ? open_beneath(origin.root, *inside, O_PATH | O_DIRECTORY) : Fd{};
        if (!root || place_of(root, source.path).inode != source.inode)
            throw Failure{std::format("the source {} was moved or removed while its snapshot was taken", source.path)};
        trees.push_back({source.path, "", std::move(root), Spot::stub, place_of_snapshot(source.subvolume, *inside)});
        if (source.subvolume == top_level_id && inside->empty())
            census.own_pools.push_back((std::filesystem::path{source.path} / pool_name).native());

        const Below &planned = plan_.below[i];
        census.read_only_left_out += planned.read_only;
        census.over_limit += planned.over_limit;
        Placing placing{source, *inside, trees, census, {{source.subvolume, ""}}, {}};
        for (const auto &nested : planned.wanted)
            place_nested(placing, nested);
        if (planned.unreachable > 0) {
            placing.leave_out(0,
                              std::format("{} subvolumes below {} lie too deep in directories", planned.unreachable, source.path));
            census.left_out += planned.unreachable - 1;
        }
        std::string below; // what appeared, or came to another place, after the first look: in the parent's snapshot or not?
        for (const auto &nested : after_.below[i].wanted)
            if (!placing.below.contains(nested.id) && stub_at(placing, nested, below))
                placing.leave_out(nested.id,
                                  std::format("the subvolume {}/{} appeared while the snapshots were taken", source.path, below));
    }
    taken_.clear();
}

void Volume::release() noexcept
{
    taken_.clear();
    plan_.open.clear();
    sources_.clear();
    run_directory_ = {};
}

void Volume::close()
{
    release();
    pool_ = {};
    top_.unmount();
}

std::string Volume::remove()
{
    release();
    auto removal = remove_run(pool_, run_, top_.device());
    pool_ = {};
    std::string stays;
    if (removal.staying > 0)
        stays = std::format("{} of the run's snapshots could not be deleted; {}", removal.staying, removal.first);
    try {
        top_.unmount();
    } catch (const std::system_error &error) {
        stays += (stays.empty() ? "" : "; ") + std::string{error.what()};
    }
    return stays;
}

} // namespace igotchuu::btrfs
