// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm-kept.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/device-mapper.hpp"
#include "exec/snapshot/lvm-mount.hpp"
#include "exec/snapshot/lvm.hpp"
#include "job/error.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <iterator>
#include <map>
#include <ranges>
#include <utility>

namespace igotchuu::lvm
{
namespace
{

struct Place {
    std::string snapshot, type, inside;
};

Place parse_place(const std::string &place)
{
    const auto first = place.find(' ');
    const auto second = first == std::string::npos ? first : place.find(' ', first + 1);
    if (second == std::string::npos)
        throw Failure{std::format("\"{}\" is no place in a snapshot of LVM", place)};
    return {place.substr(0, first), place.substr(first + 1, second - first - 1), place.substr(second + 1)};
}

/// Throws as Method::adopt does.
void find_all(std::span<const std::string> snapshots, const std::string &run)
{
    if (!available())
        throw Failure{"LVM is not installed, or the job's units may not use it, since its key snapshot is no longer \"lvm-thin\""};
    const auto all = volumes();
    for (const auto &snapshot : snapshots) {
        const auto group = snapshot.substr(0, snapshot.find('/'));
        if (!std::ranges::contains(all, group, &Volume::group))
            throw FileSystemAbsent{std::format("the volume group {} with the kept snapshots is not there", group)};
        const auto found = std::ranges::find(all, snapshot, &Volume::full_name);
        if (found == all.end() || !std::ranges::contains(found->tags, tag_of(run)))
            throw SnapshotGone{std::format("the snapshot {} is gone", snapshot)};
    }
}

dev_t device_of(std::span<const Volume> all, const std::string &snapshot)
{
    const auto found = std::ranges::find(all, snapshot, &Volume::full_name);
    if (found == all.end() || !found->device)
        throw Failure{std::format("LVM has activated the snapshot {}, and says that it is not active", snapshot)};
    return *found->device;
}

class Kept : public Frozen
{
public:
    explicit Kept(const Adoption &adoption) : Kept{}
    {
        std::map<std::string, std::string> types; // by snapshot
        for (const auto &tree : adoption.trees) {
            const auto place = parse_place(tree.place);
            types.emplace(place.snapshot, place.type);
        }
        std::vector<std::string> snapshots;
        std::ranges::copy(types | std::views::keys, std::back_inserter(snapshots));
        find_all(snapshots, adoption.run);
        snapshots_ = std::move(snapshots); // what is not there needs no deactivation
        mount(types, adoption.scratch);
        for (const auto &tree : adoption.trees) {
            const auto place = parse_place(tree.place);
            Fd root = open_beneath(mounts_.at(place.snapshot).root(), place.inside, O_PATH | O_DIRECTORY);
            if (!root)
                fail(errno, "cannot open {}", tree.place);
            trees_.push_back({tree.source, tree.below, std::move(root), Spot::stub, tree.place});
        }
        census_.snapshots = census_.instants = census_.file_systems = static_cast<std::uint32_t>(snapshots_.size());
    }
    ~Kept() override
    {
        try {
            let_go();
            deactivate(snapshots_);
        } catch (...) { // it stays active, which nobody but LVM notices
        }
    }
    Kept(const Kept &) = delete;
    Kept &operator=(const Kept &) = delete;

    [[nodiscard]] std::string short_of_space() const override
    {
        return std::ranges::any_of(watches_, &PoolWatch::runs_full)
                   ? "the thin pool is running full, and the kept snapshot holds what is overwritten in it: see lvs"
                   : "";
    }
    [[nodiscard]] unsigned free_percent() const override
    {
        const auto limit = limit_of_use();
        unsigned least = 100;
        for (const auto &watch : watches_)
            least = std::min(least, watch.free_percent(limit));
        return least;
    }
    void hide() override
    {
        for (auto &[snapshot, mount] : mounts_)
            mount.hide();
    }
    void close() override
    {
        let_go();
        deactivate(std::exchange(snapshots_, {}));
    }
    void remove() override
    {
        let_go();
        refuse_to_stay(lvm::remove(std::exchange(snapshots_, {})));
    }

private:
    Kept() = default; // so that the destructor runs when the other constructor throws

    void mount(const std::map<std::string, std::string> &types, const std::string &scratch)
    {
        activate(snapshots_, -1);
        const auto all = volumes();
        for (const auto &[snapshot, type] : types) {
            const auto device = device_of(all, snapshot);
            mounts_.emplace(snapshot, mount_device(type, device, snapshot, std::format("{}/lvm-{}", scratch, mounts_.size())));
            watches_.emplace_back(device);
        }
    }
    void let_go()
    {
        trees_.clear();
        watches_.clear();
        mounts_.clear();
    }

    std::vector<std::string> snapshots_;
    std::map<std::string, PrivateMount> mounts_;
    std::vector<PoolWatch> watches_;
};

} // namespace

std::string place_of_tree(std::string_view snapshot, std::string_view type, std::string_view inside)
{
    return std::format("{} {} {}", snapshot, type, inside);
}

std::unique_ptr<Frozen> adopt(const Adoption &adoption)
{
    return std::make_unique<Kept>(adoption);
}

} // namespace igotchuu::lvm
