// SPDX-License-Identifier: MIT
#include "exec/snapshot/choose.hpp"

#include "exec/open-beneath.hpp"
#include "exec/open-files.hpp"
#include "exec/snapshot/btrfs.hpp"
#include "exec/snapshot/command.hpp"
#include "exec/snapshot/lvm-thin.hpp"
#include "exec/snapshot/none.hpp"
#include "exec/snapshot/zfs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <iterator>
#include <optional>
#include <utility>

namespace igotchuu
{
namespace
{

/// In the order in which they freeze: what is quick and atomic comes last, so that the instants lie close together.
const std::array methods{&none::method, &command::method, &lvm::method, &zfs::method, &btrfs::method};

/// Which of them a job may use: "auto" is what needs no more than the standard unit. "lvm-thin" is for what lies on LVM and cannot freeze itself: the other
/// sources are frozen as "auto" would.
bool allows(SnapshotMethod wanted, const Method &method)
{
    if (method.name == name_of(wanted))
        return true;
    const bool automatic = wanted == SnapshotMethod::automatic || wanted == SnapshotMethod::lvm_thin;
    return automatic && (&method == &btrfs::method || &method == &zfs::method);
}

/// Nothing where no method that the job allows can freeze `source`; then `faults` has it.
std::optional<Choice> choose_for(const std::string &source, const Job &job, const MountTable &mounts, std::string &faults)
{
    const Fd directory = open_without_links(source, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!directory)
        fail(errno, "cannot open the source {}", printable(source));
    if (std::ranges::contains(job.live, source))
        return Choice{source, none::method.name, "\"live\" names it"};
    const Mount &mount = mounts.at(place_of(directory, source).mount_id);
    for (const Method *method : methods)
        if (allows(job.snapshot, *method))
            if (auto seen = method->sees(directory, source, mount); !seen.empty())
                return Choice{source, method->name, std::move(seen)};
    const auto other = std::ranges::find_if(methods, [&](const Method *method) { // those two can everything
        return method != &none::method && method != &command::method && !method->sees(directory, source, mount).empty();
    });
    faults += std::format("{}{} (on {}{})", faults.empty() ? "" : ", ", printable(source), mount.type,
                          other != methods.end() ? std::format(", where snapshot = \"{}\" can", (*other)->name) : "");
    return std::nullopt;
}

void add(Census &all, const Census &one)
{
    all.snapshots += one.snapshots;
    all.read_only_left_out += one.read_only_left_out;
    all.over_limit += one.over_limit;
    if (!one.limit.empty())
        all.limit = one.limit;
    all.left_out += one.left_out;
    std::ranges::copy(one.left_out_why, std::back_inserter(all.left_out_why));
    std::ranges::copy(one.own_pools, std::back_inserter(all.own_pools));
    std::ranges::copy(one.other_file_systems, std::back_inserter(all.other_file_systems));
    all.file_systems += one.file_systems;
    all.instants += one.instants;
    all.instant = std::min(all.instant, one.instant);
    all.started = std::min(all.started, one.started);
    all.ended = std::max(all.ended, one.ended);
}

} // namespace

std::optional<Leftover> parse_run(std::string_view run)
{
    constexpr std::size_t invocation_size = 32;
    const auto colon = run.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || run.size() - colon - 1 != invocation_size ||
        run.find_first_not_of("0123456789abcdef", colon + 1) != std::string_view::npos)
        return std::nullopt;
    return Leftover{.instance = std::string{run.substr(0, colon)}, .run = std::string{run.substr(colon + 1)}};
}

void refuse_to_stay(std::span<const std::string> sentences)
{
    std::string stays;
    for (const auto &sentence : sentences)
        stays += (stays.empty() ? "" : "; ") + sentence;
    if (!stays.empty())
        throw Failure{stays};
}

void Snapshots::choose(const Request &request, const MountTable &mounts)
{
    std::string faults;
    for (const auto &source : request.sources)
        if (auto choice = choose_for(source, request.job, mounts, faults))
            choices_.push_back(std::move(*choice));
    if (!faults.empty())
        throw Failure{
            std::format("snapshot = \"{}\" can take no snapshot of {}: move it to a file system with snapshots, leave it out of "
                        "the job, have a program of yours freeze it (snapshot = \"command\"), or name it in \"live\", to be backed "
                        "up as it is while it changes",
                        name_of(request.job.snapshot), faults)};
}

/// What else is mounted below the sources: in the backup, where the job asks for it, or named.
void Snapshots::look_below(const Request &request, const MountTable &mounts)
{
    auto live = std::make_unique<none::Live>();
    for (const auto &source : request.sources) {
        std::vector<std::string> around{source}; // what is in the backup, and may have other mounts on it
        while (!around.empty()) {
            const auto path = std::move(around.back());
            around.pop_back();
            for (const auto &other : mounts.others_below(path, place_of(open_without_links(path, O_PATH), path).mount_id))
                if (is_in(request, source, other, *live) && !other.in_memory) // what is mounted on that is among the others
                    around.push_back(other.target);
        }
    }
    std::ranges::copy(census_.other_file_systems, std::back_inserter(other_file_systems_));
    frozen_.push_back(std::move(live));
    look_for_live(request, mounts);
}

/// What `live` names below the sources and is in no way there. A nested subvolume in its place is frozen like the rest.
void Snapshots::look_for_live(const Request &request, const MountTable &mounts)
{
    for (const auto &path : request.job.live) {
        const auto is_below = [&](const std::string &source) { return lies_below(path, source); };
        const auto is_shown = [&](const std::string &source) { return shows(source, path); };
        const auto is_there = [&](const Mount &mount) { return mount.target == path && !mounts.shows_the_same(mount); };
        if (std::ranges::any_of(request.sources, is_below) && std::ranges::none_of(request.sources, is_shown) &&
            std::ranges::none_of(mounts.all(), is_there) && !std::ranges::contains(request.job.sources, path))
            not_mounted_.push_back(path);
    }
}

/// Whether what is shown is not the source's own file system, so that what is mounted there says nothing.
bool Snapshots::is_prepared(const std::string &source) const
{
    return std::ranges::find(choices_, source, &Choice::source)->method == command::method.name;
}

/// Whether what is mounted there is in the backup of `source`, by now.
bool Snapshots::is_in(const Request &request, const std::string &source, const MountTable::Other &other, none::Live &live)
{
    const bool of_another_source = std::ranges::any_of(request.sources, [&](const auto &inner) { // that looks below itself
        return inner != source && lies_below(inner, source) && lies_below(other.target, inner);
    });
    if (of_another_source)
        return false;
    if (shows(source, other.target))
        return true;
    if (!std::ranges::contains(request.job.live, other.target)) {
        if (!is_prepared(source)) // what is not in that tree its method knows
            (other.in_memory ? in_memory_ : other_file_systems_).push_back(other.target);
        return false;
    }
    live.add(source, std::filesystem::path{other.target}.lexically_relative(source).native());
    live_.push_back(other.target);
    return true;
}

/// Whether a tree has its place there already: a method may know more about what is mounted below a source.
bool Snapshots::shows(const std::string &source, const std::string &path) const
{
    return std::ranges::any_of(trees(), [&](const Tree *tree) {
        return tree->source == source && (std::filesystem::path{source} / tree->below).native() == path;
    });
}

Snapshots::Snapshots(const Request &request)
{
    const MountTable mounts;
    choose(request, mounts);
    for (const Method *method : methods) {
        std::vector<std::string> sources;
        for (const auto &choice : choices_)
            if (choice.method == method->name)
                sources.push_back(choice.source);
        if (sources.empty())
            continue;
        frozen_.push_back(method->freeze({sources, request.run, request.scratch, request.job, request.stop, request.is_excluded}));
        add(census_, frozen_.back()->census());
    }
    look_below(request, mounts);
}

Snapshots::Snapshots(const KeptInstant &kept, const std::string &mark, const std::string &scratch)
{
    raise_limit_of_open_files(); // each tree has some
    for (const auto &place : kept.sources) {
        const auto method = std::ranges::find(methods, place.method, &Method::name);
        if (method == methods.end() || (*method)->adopt == nullptr)
            throw Failure{std::format("{} was frozen by \"{}\", and cannot be opened again", printable(place.source),
                                      printable(place.method))};
        choices_.push_back({place.source, (*method)->name, "kept"});
    }
    for (const Method *method : methods) {
        std::vector<KeptTree> trees;
        std::ranges::copy_if(kept.trees, std::back_inserter(trees), [&](const auto &tree) { return tree.method == method->name; });
        if (trees.empty())
            continue;
        frozen_.push_back(method->adopt({trees, mark, scratch}));
        add(census_, frozen_.back()->census());
    }
    census_.instant = kept.instant;
    census_.own_pools = kept.left_out;
}

Snapshots::~Snapshots() = default;

std::vector<const Tree *> Snapshots::trees() const
{
    std::vector<const Tree *> all;
    for (const auto &frozen : frozen_)
        for (const auto &tree : frozen->trees())
            all.push_back(&tree);
    return all;
}

std::string Snapshots::short_of_space() const
{
    for (const auto &frozen : frozen_)
        if (auto sentence = frozen->short_of_space(); !sentence.empty())
            return sentence;
    return {};
}

std::string Snapshots::version() const
{
    std::string text;
    for (const auto &frozen : frozen_) {
        if (frozen->trees().empty())
            continue;
        const auto one = frozen->version();
        if (one.empty())
            return {};
        text += one;
    }
    return text;
}

unsigned Snapshots::free_percent() const
{
    unsigned least = 100;
    for (const auto &frozen : frozen_)
        least = std::min(least, frozen->free_percent());
    return least;
}

std::vector<KeptTree> Snapshots::keepable() const
{
    std::vector<KeptTree> trees;
    for (const auto *tree : this->trees()) {
        const auto method = std::ranges::find(choices_, tree->source, &Choice::source)->method;
        if (tree->place.empty())
            return {};
        trees.push_back({.source = tree->source, .below = tree->below, .method = std::string{method}, .place = tree->place});
    }
    return trees;
}

/// What cannot be closed harms nobody: it is closed with this process.
void Snapshots::keep()
{
    for (const auto &frozen : frozen_)
        frozen->keep();
    const auto all = std::exchange(frozen_, {});
    for (const auto &frozen : all)
        frozen->close();
}

void Snapshots::hide()
{
    for (const auto &frozen : frozen_)
        frozen->hide();
}

void Snapshots::remove()
{
    std::vector<std::string> stays;
    for (const auto &frozen : frozen_) {
        try {
            frozen->remove();
        } catch (const std::exception &error) {
            stays.emplace_back(error.what());
        }
    }
    frozen_.clear();
    refuse_to_stay(stays);
}

Reaped reap(std::span<const std::string> paths, const std::string &scratch, const IsOver &is_over)
{
    Reaped all;
    for (const Method *method : methods) {
        auto reaped = method->reap(paths, scratch, is_over);
        std::ranges::move(reaped.removed, std::back_inserter(all.removed));
        std::ranges::move(reaped.stuck, std::back_inserter(all.stuck));
        std::ranges::move(reaped.foreign, std::back_inserter(all.foreign));
    }
    return all;
}

} // namespace igotchuu
