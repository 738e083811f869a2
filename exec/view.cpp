// SPDX-License-Identifier: MIT
#include "exec/view.hpp"

#include "exec/mount-tree.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <map>
#include <ranges>
#include <string_view>

namespace igotchuu
{
namespace
{

namespace fs = std::filesystem;

/// What a process expects to find in its "/"; never data.
constexpr std::array<std::string_view, 4> of_the_kernel{"/dev", "/proc", "/run", "/sys"};

constexpr std::uint64_t stub_inode = 2; // BTRFS_EMPTY_SUBVOL_DIR_OBJECTID; ZFS and the like have no nested trees inside of one

/// Mounts `root` read-only on `target`. Returns the new mount's root.
Fd mount_frozen(const Fd &target, const Fd &root, const std::string &path, const Keep &keep)
{
    Fd tree = copy_of_mount(root, Submounts::left_out, path);
    const bool programs = std::ranges::any_of(keep.programs, [&](const auto &program) { return lies_below(program, path); });
    restrict_mount(tree, programs ? Programs::allowed : Programs::forbidden, path);
    attach(tree, target, path);
    return tree;
}

/// The mounted trees of one source by their path below it: a nested one is reached from the nearest that it lies in.
class Mounted
{
public:
    explicit Mounted(Fd root) { trees_.emplace("", std::move(root)); }

    void add(const Tree &tree, const Keep &keep)
    {
        std::string_view parent = tree.below;
        auto found = trees_.end();
        while (found == trees_.end()) {
            const auto slash = parent.rfind('/');
            parent = slash == std::string_view::npos ? "" : parent.substr(0, slash);
            found = trees_.find(parent);
        }
        const auto path = (fs::path{tree.source} / tree.below).native();
        const Fd target = open_beneath(found->second, std::string_view{tree.below}.substr(parent.empty() ? 0 : parent.size() + 1),
                                       O_PATH | O_DIRECTORY | O_NOFOLLOW);
        if (!target)
            fail(errno, "cannot reach the place of {} in the snapshot around it", path);
        if (tree.spot == Spot::stub && place_of(target, path).inode != stub_inode)
            throw Failure{std::format("{} is not the place of a nested subvolume: it would hide what is there", path)};
        trees_.emplace(tree.below, mount_frozen(target, tree.root, path, keep));
    }

private:
    std::map<std::string, Fd, std::less<>> trees_;
};

Fd another(const Fd &directory, const std::string &path)
{
    Fd copy{fcntl(directory.get(), F_DUPFD_CLOEXEC, 0)};
    if (!copy)
        fail(errno, "cannot keep {} open", path);
    return copy;
}

/// Those above come first: what is placed below them must find them there.
std::vector<const Tree *> from_the_top(std::span<const Tree *const> trees)
{
    std::vector<const Tree *> sorted{trees.begin(), trees.end()};
    std::ranges::stable_sort(sorted, {}, [](const Tree *tree) { return fs::path{tree->source}; });
    return sorted;
}

} // namespace

/// A piece of the live file system that may be shown through what is put over it.
struct View::Window {
    std::string path;
    Fd tree;
    bool mount_point; ///< of another file system: in the frozen tree there is an empty directory
};

/// `path` itself, and the mount points of other file systems on the way to it, the deepest first: where a frozen tree has no `path`, it has one of
/// those. What is mounted on itself is none: the frozen tree has files there.
std::vector<View::Window> View::windows(const std::string &path, const MountTable &mounts, Use use)
{
    const auto take = [&](const Fd &at, const std::string &its_path) {
        Fd tree = copy_of_mount(at, use == Use::written ? Submounts::included : Submounts::left_out, its_path);
        if (use == Use::read)
            restrict_mount(tree, Programs::allowed, its_path);
        return tree;
    };
    std::vector<Window> all;
    Fd live = open_without_links(path, O_PATH);
    if (!live)
        return all;
    all.push_back({path, take(live, path), std::ranges::contains(of_the_kernel, path)});
    for (fs::path at = path; at.has_relative_path(); at = at.parent_path()) {
        const Mount &mount = mounts.at(place_of(live, at).mount_id);
        at = mount.target;
        if (at != path && at.has_relative_path() && !mounts.shows_the_same(mount))
            all.push_back({at, take(open_without_links(at, O_PATH), at), true});
        live = open_without_links(at.parent_path(), O_PATH);
    }
    return all;
}

View::View(std::span<const Tree *const> trees, const Keep &keep, const Scratch &scratch) : View{}
{
    const auto sorted = from_the_top(trees);
    auto live = keep.live;
    if (!sorted.empty() && sorted.front()->source == "/")
        live.insert(live.end(), of_the_kernel.begin(), of_the_kernel.end());
    std::map<std::string, std::vector<Window>> kept; // taken before anything lies over them
    const MountTable mounts;
    for (const auto &path : live)
        kept.emplace(path, windows(path, mounts, Use::written));
    for (const auto &path : keep.readable)
        kept.emplace(path, windows(path, mounts, Use::read));

    std::map<std::string_view, Mounted> mounted;
    for (const Tree *tree : sorted) {
        if (tree->below.empty()) {
            place(*tree, keep, scratch);
            mounted.emplace(tree->source, Mounted{another(placed_.back().directory, tree->source)});
        } else if (const auto found = mounted.find(tree->source); found != mounted.end()) {
            found->second.add(*tree, keep);
        } else {
            throw Failure{
                std::format("{}/{} has no place: the snapshot of {} is not mounted", tree->source, tree->below, tree->source)};
        }
    }
    for (auto &[path, windows] : kept) {
        const Placed *frozen = around(path);
        const bool shown = std::ranges::any_of(live, [&](const auto &outer) { return outer != path && lies_below(path, outer); });
        if (frozen ? std::ranges::contains(live, path) || !open_without_links(frozen->directory, below(path, *frozen), O_PATH)
                   : covers_.hide(path) && !shown) // a cover over what is live already would hide it
            show(windows, path);
    }
    if (!root_.empty()) // /run is shown with all that is mounted in it; nobody is to write through the top level of a source
        umount2((root_ + scratch.path()).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    covers_.close();
}

/// The innermost source at or above `path`.
const View::Placed *View::around(const std::string &path) const
{
    const auto found =
        std::ranges::find_if(placed_ | std::views::reverse, [&](const Placed &placed) { return lies_below(path, placed.source); });
    return found == placed_.rend() ? nullptr : &*found;
}

/// `path` as seen from that source.
std::string View::below(const std::string &path, const Placed &source)
{
    return fs::path{path}.lexically_relative(source.source).native();
}

/// Where to mount a source: only root can put something else there.
Fd View::target_of(const Tree &source, const Scratch &scratch)
{
    if (const Placed *outer = around(source.source)) {
        Fd target = open_without_links(outer->directory, below(source.source, *outer), O_PATH | O_DIRECTORY);
        if (!target)
            fail(errno, "cannot find the source {} in the snapshot of {}", source.source, outer->source);
        return target;
    }
    if (source.source != "/")
        return covers_.reach(source.source);
    root_ = scratch.path() + "/view";
    if (mkdir(root_.c_str(), 0700) < 0)
        fail(errno, "cannot make {}", root_);
    return open_without_links(root_, O_PATH | O_DIRECTORY);
}

void View::place(const Tree &source, const Keep &keep, const Scratch &scratch)
{
    const Fd target = target_of(source, scratch);
    auto &placed = placed_.emplace_back(source.source, Place{}, Fd{}); // first, so that the destructor knows whatever is mounted
    placed.directory = mount_frozen(target, source.root, source.source, keep);
    placed.place = place_of(placed.directory, source.source);
}

/// The first of `windows` that has a place.
void View::show(std::span<Window> windows, const std::string &path)
{
    for (const auto &window : windows) {
        if (std::ranges::any_of(placed_, [&](const auto &placed) { return lies_below(placed.source, window.path); }))
            continue; // it would hide that source
        const Placed *frozen = around(window.path);
        const Fd target =
            frozen ? open_without_links(frozen->directory, below(window.path, *frozen), O_PATH) : covers_.reach(window.path);
        if (!target)
            continue;
        attach(window.tree, target, window.path);
        if (frozen)
            (window.mount_point ? not_frozen_.contents : not_frozen_.directories).push_back(window.path);
        return;
    }
    if (!windows.empty())
        throw Failure{std::format("cannot go on using {}: there is no place for it in the snapshot", printable(path))};
}

View::~View()
{
    for (const auto &placed : placed_ | std::views::reverse)
        static_cast<void>(detach(placed.directory));
}

/// Where a source's path leads now, for restic.
Fd View::look(const std::string &source) const
{
    return open_without_links(root_.empty() ? source : root_ + (source == "/" ? "" : source), O_PATH | O_DIRECTORY);
}

void View::verify() const
{
    for (const auto &placed : placed_) {
        const Fd now = look(placed.source);
        if (!now || place_of(now, placed.source) != placed.place)
            throw Failure{
                std::format("{} no longer leads to its snapshot: somebody moved, removed or covered it while the backup ran, so "
                            "what was backed up cannot be trusted",
                            placed.source)};
    }
}

void View::unmount()
{
    // By descriptor, whatever the path leads to by now; lazily, since the nested ones lie on it. What holds a file open must not fail a backup.
    for (const auto &placed : placed_ | std::views::reverse) {
        if (const int error = detach(placed.directory); error != 0)
            fail(error, "cannot unmount the snapshot from {}", placed.source);
        const Fd now = look(placed.source);
        if (now && place_of(now, placed.source).mount_id == placed.place.mount_id)
            throw Failure{std::format("the snapshot is still mounted over {} after it was unmounted", placed.source)};
    }
    placed_.clear();
    covers_.unmount();
}

} // namespace igotchuu
