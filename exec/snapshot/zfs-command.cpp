// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs-command.hpp"

#include "exec/programs.hpp"
#include "exec/snapshot/method.hpp"
#include "exec/tool.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <format>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>
#include <utility>

namespace igotchuu::zfs
{
namespace
{

using Names = std::vector<std::string>;

// execve(2) takes a quarter of the stack's limit, 2 MiB of 8; pointers and the environment count.
constexpr std::size_t most_arguments = std::size_t{1024} * 1024;

Tool zfs(Names arguments, int stop = -1)
{
    arguments.insert(arguments.begin(), programs::zfs);
    return {.arguments = std::move(arguments), .capabilities = "-all,+sys_admin", .stop = stop};
}

Tool zfs(Names arguments, std::span<const std::string> names, int stop = -1)
{
    arguments.insert(arguments.end(), names.begin(), names.end());
    return zfs(std::move(arguments), stop);
}

/// For what is done when the pool has written it, which takes a busy one its time. A zfs that is killed meanwhile waits in the kernel until it is done all the
/// same: only then can be seen what there is. Less than TimeoutStopSec=5min of the unit.
Tool patient(Tool tool)
{
    tool.at_most = std::chrono::minutes{2};
    tool.gone_within = std::chrono::minutes{3};
    return tool;
}

/// As many of them from the start as one command can take.
std::span<const std::string> first_of(std::span<const std::string> names)
{
    std::size_t count = 0, bytes = 0;
    while (count < names.size() && (count == 0 || bytes + names[count].size() < most_arguments))
        bytes += names[count++].size() + 1 + sizeof(char *);
    return names.first(count);
}

std::string snapshot_of(std::string_view dataset, std::string_view name)
{
    return std::format("{}@{}", dataset, name);
}

Names snapshots_of(std::span<const std::string> datasets, std::string_view name)
{
    Names all;
    for (const auto &dataset : datasets)
        all.push_back(snapshot_of(dataset, name));
    return all;
}

/// What of DATASET@NAME there is. `zfs list` ends with 1 when one of many names is not there, and with 1 when it could not ask: so it is asked for the
/// dataset as well. Throws Failure where that is not in the answer.
std::vector<Found> found(std::span<const std::string> datasets, std::string_view name, int stop)
{
    std::vector<Found> all;
    while (!datasets.empty()) {
        const auto some = first_of(datasets.first(std::min<std::size_t>(datasets.size(), 2'000))); // each has two names here
        auto names = snapshots_of(some, name);
        names.insert(names.end(), some.begin(), some.end());
        const auto said =
            run(zfs({"list", "-Hp", "-t", "filesystem,snapshot", "-o", "name,createtxg,creation,userrefs"}, names, stop));
        auto answer = parse_found(said.output);
        for (const auto &dataset : some)
            if (!std::ranges::contains(answer, dataset, &Found::name))
                throw Failure{std::format("zfs list says nothing of {}: {}", dataset, said.complaint)};
        std::erase_if(answer, [](const Found &one) { return !one.name.contains('@'); });
        std::ranges::move(answer, std::back_inserter(all));
        datasets = datasets.subspan(some.size());
    }
    return all;
}

/// As the kernel has it, "ONLINE"; empty: it does not know the pool.
std::string state_of(std::string_view pool)
{
    std::ifstream file{std::format("/proc/spl/kstat/zfs/{}/state", pool)};
    std::string state;
    file >> state;
    return state;
}

/// What an admin can do about what zfs says (in the language C).
std::string_view remedy(std::string_view complaint)
{
    struct Remedy {
        std::string_view complaint, what;
    };
    constexpr std::array remedies{
        Remedy{"out of space", " (free some: zpool list and zfs list -o space show where it is)"},
        Remedy{"quota", " (zfs list -o space shows where it is)"},
        Remedy{"read-only", " (zpool export it, and import it without readonly=on)"},
        Remedy{"suspended", " (zpool status shows the fault, zpool clear goes on when it is mended)"},
        Remedy{"ermission denied", " (run it as root, or with systemctl start igotchuu@NAME)"},
        Remedy{"failed to execute", " (it is in the package zfsutils-linux)"},
    };
    const auto *const known =
        std::ranges::find_if(remedies, [&](const Remedy &remedy) { return complaint.contains(remedy.complaint); });
    return known == remedies.end() ? "" : known->what;
}

/// Of the dataset and all that is below it. Nothing but names, in their own order: then zfs asks for no property of any of them, and 10,000 of other programs
/// cost little.
Names snapshots_below(std::string_view dataset, std::function<bool(std::string_view)> wanted)
{
    auto list = zfs({"list", "-Hp", "-t", "snapshot", "-o", "name", "-s", "name", "-r", std::string{dataset}});
    list.wanted = std::move(wanted);
    return parse_names(output_of(list));
}

/// With one command, where no other snapshot of that name lies below what the datasets have in common: one transaction instead of one each.
void destroy_together(std::span<const std::string> datasets, std::string_view name)
{
    const std::string common{common_to(datasets)};
    const auto below = snapshots_below(common, [end = snapshot_of("", name)](auto snapshot) { return snapshot.ends_with(end); });
    const auto ours = snapshots_of(datasets, name);
    if (std::ranges::all_of(below, [&](const auto &snapshot) { return std::ranges::contains(ours, snapshot); }))
        static_cast<void>(run(patient(zfs({"destroy", "-r", snapshot_of(common, name)})))); // its status is not trusted
}

std::string why_it_stays(const Found &snapshot, const std::string &complaint)
{
    std::string why = complaint.empty() ? "zfs destroy did not say why" : complaint;
    if (snapshot.holds > 0)
        why += std::format("; somebody holds it (zfs holds '{0}' shows who; zfs release TAG '{0}')", snapshot.name);
    return std::format("the snapshot {} stays: {}", snapshot.name, why);
}

/// Returns why it stays; empty: it is gone. What a killed run had mounted is unmounted by the kernel when it comes to it, some time after the last process
/// of the run is gone, and nobody is told.
std::string destroy_one(const Found &snapshot)
{
    constexpr unsigned tries = 20;
    constexpr std::chrono::milliseconds pause{100};
    const std::string dataset{dataset_of(snapshot.name)}, name = snapshot.name.substr(dataset.size() + 1);
    for (unsigned at = 1;; ++at) {
        const auto complaint = run(patient(zfs({"destroy", snapshot.name}))).complaint;
        const auto still = found({&dataset, 1}, name, -1);
        if (still.empty())
            return {};
        if (at == tries || still.front().holds > 0 || !complaint.contains("busy"))
            return why_it_stays(still.front(), complaint);
        std::this_thread::sleep_for(pause);
    }
}

/// Of one pool.
Names destroy_in_pool(std::span<const std::string> datasets, std::string_view name)
{
    refuse_suspended(pool_of(datasets.front()));
    try {
        if (datasets.size() > 1)
            destroy_together(datasets, name);
    } catch (const Failure &) { // then each by itself
    }
    Names stay; // None of many goes when one cannot.
    for (const auto &one : found(datasets, name, -1))
        if (auto why = destroy_one(one); !why.empty())
            stay.push_back(std::move(why));
    return stay;
}

} // namespace

void refuse_suspended(std::string_view pool)
{
    if (state_of(pool) == "SUSPENDED")
        throw Failure{std::format("the pool {} is suspended, since its disks do not answer{}", pool, remedy("suspended"))};
}

bool is_imported(std::string_view pool)
{
    return !state_of(pool).empty();
}

unsigned free_percent_of(const std::set<std::string> &pools)
{
    unsigned least = 100;
    for (const auto &pool : pools) {
        refuse_suspended(pool);
        least = std::min(least, parse_free_percent(output_of(zfs({"get", "-Hp", "-o", "value", "used,available", pool}))));
    }
    return least;
}

std::vector<FileSystem> file_systems_of(std::string_view pool, int stop)
{
    return parse_file_systems(output_of(
        zfs({"list", "-Hp", "-t", "filesystem", "-o", "name,canmount,keystatus,mountpoint", "-r", std::string{pool}}, stop)));
}

std::vector<std::string> snapshots_called_as_ours(std::string_view pool)
{
    refuse_suspended(pool);
    return snapshots_below(pool, called_as_ours);
}

std::vector<Written> written_to(std::span<const std::string> datasets)
{
    std::vector<Written> all;
    while (!datasets.empty()) {
        const auto some = first_of(datasets);
        const auto said =
            run(zfs({"list", "-Hp", "-t", "snapshot", "-o", "name,guid,written", "-s", "createtxg", "-d", "1"}, some));
        if (said.status != 0)
            throw Failure{std::format("cannot run zfs list: {}", said.complaint)};
        std::ranges::move(parse_written(said.output), std::back_inserter(all));
        datasets = datasets.subspan(some.size());
    }
    return all;
}

std::vector<Mark> marks_of(std::span<const std::string> snapshots)
{
    std::vector<Mark> all;
    while (!snapshots.empty()) {
        const auto some = first_of(snapshots);
        const auto said = run(zfs({"get", "-Hp", "-o", "name,source,value", std::string{mark}}, some));
        if (said.status != 0 && !said.complaint.contains("does not exist")) // another run has just ended
            throw Failure{std::format("cannot run zfs get: {}", said.complaint)};
        std::ranges::move(parse_marks(said.output), std::back_inserter(all));
        snapshots = snapshots.subspan(some.size());
    }
    return all;
}

std::vector<std::string> destroy(std::span<const std::string> datasets, std::string_view name)
{
    std::map<std::string_view, Names> pools;
    for (const auto &dataset : datasets)
        pools[pool_of(dataset)].push_back(dataset);
    Names stay;
    for (const auto &[pool, its] : pools) {
        try {
            std::ranges::move(destroy_in_pool(its, name), std::back_inserter(stay));
        } catch (const std::exception &error) { // of this pool only
            stay.push_back(
                std::format("whether the snapshots @{} in the pool {} are gone is not known: {}", name, pool, error.what()));
        }
    }
    return stay;
}

Shot::Shot(std::string run) : run_{std::move(run)}
{
    const auto parts = parse_run(run_);
    if (!parts)
        throw Failure{std::format("\"{}\" cannot be the mark of a run's snapshots", printable(run_))};
    name_ = snapshot_name(parts->run);
}

Shot::~Shot()
{
    try {
        [[maybe_unused]] const auto stay = remove(); // the next run's reap() reports it
    } catch (...) {
    }
}

std::string Shot::of(std::string_view dataset) const
{
    return snapshot_of(dataset, name_);
}

/// The datasets by name, and not -r over what they have in common: that would snapshot what nobody needs (volumes, what is not mounted, a backup of
/// another machine that lies beside), fail as a whole where one of those cannot be snapshotted or has a longer name, and still miss no race, since
/// what appears after the mounts were read is not shown. What zfs is told in one command of one pool it does in one transaction.
/// Only of more than some 10,000 datasets one command cannot take the names; they are then of several instants, which is said.
void Shot::take(const std::set<std::string> &datasets, int stop)
{
    const Names all{datasets.begin(), datasets.end()};
    datasets_.insert(datasets_.end(), all.begin(), all.end()); // before anything is made: an interrupted zfs may have made it
    const auto names = snapshots_of(all, name_);
    for (std::span<const std::string> left{names}; !left.empty();) {
        const auto some = first_of(left);
        if (const auto said = run(patient(zfs({"snapshot", "-o", std::format("{}={}", mark, run_)}, some, stop))); said.status != 0)
            throw Failure{std::format("zfs snapshot: {}{}", said.complaint, remedy(said.complaint))};
        left = left.subspan(some.size());
    }
    for (auto &one : found(all, name_, stop))
        taken_.emplace(dataset_of(one.name), std::move(one));
    for (const auto &dataset : all)
        if (!taken_.contains(dataset))
            throw Failure{std::format("zfs snapshot ended well, and there is no {}", of(dataset))};
}

std::vector<std::string> Shot::remove()
{
    taken_.clear();
    return destroy(std::exchange(datasets_, {}), name_);
}

} // namespace igotchuu::zfs
