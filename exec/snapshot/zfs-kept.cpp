// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs-kept.hpp"

#include "exec/snapshot/zfs-command.hpp"
#include "exec/snapshot/zfs-mounted.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <cerrno>
#include <format>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu::zfs
{
namespace
{

/// `place` apart: a name of a snapshot has no slash behind its @.
std::pair<std::string, std::string_view> parse_place(std::string_view place)
{
    const auto at = place.find('@');
    const auto slash = at == std::string_view::npos ? at : place.find('/', at);
    if (slash == std::string_view::npos)
        throw Failure{std::format("\"{}\" is no place in a snapshot of zfs", place)};
    return {std::string{place.substr(0, slash)}, place.substr(slash + 1)};
}

std::set<std::string> snapshots_of(const Adoption &adoption)
{
    std::set<std::string> all;
    for (const auto &tree : adoption.trees)
        all.insert(parse_place(tree.place).first);
    return all;
}

/// Throws as Method::adopt does.
void find_all(const std::set<std::string> &snapshots, const std::string &run)
{
    std::set<std::string_view> pools;
    for (const auto &snapshot : snapshots)
        pools.insert(pool_of(snapshot));
    for (const auto pool : pools) {
        if (!is_imported(pool))
            throw FileSystemAbsent{std::format("the pool {} with the kept snapshots is not imported", pool)};
        refuse_suspended(pool);
    }
    const std::vector<std::string> names{snapshots.begin(), snapshots.end()};
    const auto marks = marks_of(names);
    const auto is_ours = [&](const Mark &mark, const std::string &name) {
        return mark.snapshot == name && mark.its_own && mark.run == run;
    };
    for (const auto &name : names) {
        const auto is_this = [&](const Mark &mark) { return is_ours(mark, name); };
        if (std::ranges::none_of(marks, is_this) &&
            std::ranges::none_of(marks_of({&name, 1}), is_this)) // alone it is asked for once more
            throw SnapshotGone{std::format("the snapshot {} is gone", name)};
    }
}

class Kept : public Frozen
{
public:
    explicit Kept(const Adoption &adoption) : run_{adoption.run}
    {
        const auto snapshots = snapshots_of(adoption);
        find_all(snapshots, run_);
        for (const auto &snapshot : snapshots) {
            mounted_.add(snapshot, adoption.scratch);
            datasets_.emplace_back(dataset_of(snapshot));
            pools_.insert(std::string{pool_of(snapshot)});
        }
        for (const auto &tree : adoption.trees) {
            const auto [snapshot, inside] = parse_place(tree.place);
            Fd root = mounted_.open(snapshot, inside);
            if (!root)
                fail(errno, "cannot open {}", tree.place);
            trees_.push_back({tree.source, tree.below, std::move(root), Spot::mount_point, tree.place});
        }
        census_.snapshots = static_cast<std::uint32_t>(snapshots.size());
        census_.file_systems = census_.instants = static_cast<std::uint32_t>(pools_.size());
    }
    ~Kept() override { trees_.clear(); }
    Kept(const Kept &) = delete;
    Kept &operator=(const Kept &) = delete;

    [[nodiscard]] std::string short_of_space() const override { return mounted_.short_of_space(); }
    [[nodiscard]] unsigned free_percent() const override { return std::min(mounted_.free_percent(), free_percent_of(pools_)); }
    void hide() override { mounted_.hide(); }
    void close() override
    {
        trees_.clear();
        mounted_.clear();
    }
    void remove() override
    {
        close();
        refuse_to_stay(destroy(datasets_, snapshot_name(parse_run(run_)->run)));
    }

private:
    std::string run_;
    std::vector<std::string> datasets_;
    std::set<std::string> pools_;
    Mounted mounted_;
};

} // namespace

std::string place_of_tree(const std::string &snapshot, std::string_view inside)
{
    return std::format("{}/{}", snapshot, inside);
}

std::unique_ptr<Frozen> adopt(const Adoption &adoption)
{
    return std::make_unique<Kept>(adoption);
}

} // namespace igotchuu::zfs
