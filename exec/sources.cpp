// SPDX-License-Identifier: MIT
#include "exec/sources.hpp"

#include "exec/open-beneath.hpp"
#include "exec/programs.hpp"
#include "exec/snapshot/btrfs-ioctl.hpp"
#include "exec/unanswered.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"
#include "job/state-files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <format>
#include <ranges>
#include <utility>

namespace igotchuu
{

namespace fs = std::filesystem;

namespace
{

std::string join(const std::vector<std::string> &sentences)
{
    std::string all;
    for (const auto &sentence : sentences)
        all += (all.empty() ? "" : "; ") + sentence;
    return all;
}

} // namespace

Present look_at_sources(std::span<const std::string> sources, const StopRequest &stop)
{
    const auto silent = unanswered(sources, stop.fd());
    stop.check();
    if (!silent.empty())
        throw Failure{
            std::format("the file system of the source {} ({}) does not answer: is its server up, or the program that serves it?",
                        printable(silent.front().path), silent.front().type)};
    Present present;
    std::vector<std::string> faults;
    for (const auto &source : sources) {
        std::error_code error;
        const auto real = fs::canonical(source, error);
        const auto shown = printable(source);
        if (error == std::errc::no_such_file_or_directory)
            present.missing.push_back(std::format("the source {} is not there", shown));
        else if (error)
            faults.push_back(std::format("the source {} cannot be looked at: {}", shown, error.message()));
        else if (real != source)
            faults.push_back(std::format("the source {} leads through a symbolic link: name the real path, {}", shown,
                                         printable(real.string())));
        else if (!fs::is_directory(real))
            faults.push_back(std::format("the source {} is not a directory: name the directory that it is in", shown));
        else
            present.sources.push_back(source);
    }
    if (!faults.empty() || present.sources.empty()) {
        faults.insert(faults.end(), present.missing.begin(), present.missing.end());
        throw Failure{join(faults)};
    }
    return present;
}

std::vector<SourcePlace> places_of(std::span<const std::string> sources)
{
    std::vector<Fd> directories;
    for (const auto &source : sources)
        directories.push_back(open_without_links(source, O_RDONLY | O_DIRECTORY | O_NONBLOCK));
    const MountTable mounts; // an automount has mounted by now what it stands for
    std::vector<SourcePlace> places;
    for (const auto &[source, directory] : std::views::zip(sources, directories)) {
        auto &place = places.emplace_back(source);
        if (!directory)
            continue;
        const Mount &mount = mounts.at(place_of(directory, source).mount_id);
        place.mount_point = mounts.real(mount).target;
        if (btrfs::on_btrfs(directory, source)) {
            place.file_system = btrfs::uuid(btrfs::file_system(directory, source));
            place.subvolume = btrfs::subvolume_id(directory, source);
        } else {
            place.file_system = printable(std::format("{} {}", mount.type, mount.source));
        }
    }
    return places;
}

namespace
{

/// Where each source lay when it was last backed up.
std::vector<SourcePlace> last_places(const Record &record)
{
    std::vector<SourcePlace> places;
    const auto add = [&](const Run &run) {
        for (const auto &place : run.sources)
            if (!std::ranges::contains(places, place.source, &SourcePlace::source))
                places.push_back(place);
    };
    for (const auto &run : record.history)
        if (run.outcome == Outcome::success || run.outcome == Outcome::partial)
            add(run);
    if (record.last_success)
        add(*record.last_success);
    return places;
}

/// Why what is seen in a source of the job `name` is not what it was `then`; empty: it may be.
std::string what_is_not_mounted(const SourcePlace &now, const SourcePlace &then, const std::string &name)
{
    const bool other_file_system = now.file_system != then.file_system;
    if (!other_file_system && (then.subvolume == 0 || now.subvolume == then.subvolume)) // 0: a record of an older version
        return {};
    const auto source = printable(then.source);
    std::error_code unknown; // one that cannot be read is restic's to name
    if (fs::is_empty(now.source, unknown) && !unknown)
        return other_file_system
                   ? std::format("the source {} is empty, and not on the file system that it was on at its last backup ({}): "
                                 "is its disk mounted?",
                                 source, then.file_system)
                   : std::format("the source {} is empty, and not in the subvolume that it was in at its last backup (id {}): "
                                 "is it mounted?",
                                 source, then.subvolume);
    if (then.mount_point == now.mount_point || !lies_below(then.mount_point, now.mount_point))
        return {};
    return std::format(
        "the source {} was in what was mounted on {} at its last backup ({}), and nothing is mounted there now: is its "
        "disk mounted? (if it was moved on purpose: {} backup --moved {})",
        source, printable(then.mount_point), then.file_system, programs::igotchuu_exec, printable(name));
}

} // namespace

void refuse_mount_points(std::span<const SourcePlace> now, const Record &record)
{
    std::vector<std::string> faults;
    for (const auto &place : last_places(record)) {
        const auto here = std::ranges::find(now, place.source, &SourcePlace::source);
        if (auto fault = here == now.end() ? std::string{} : what_is_not_mounted(*here, place, record.job); !fault.empty())
            faults.push_back(std::move(fault));
    }
    if (!faults.empty())
        throw Failure{join(faults)};
}

bool has_a_file(const std::string &source, std::span<const std::string> left_out)
{
    for (fs::recursive_directory_iterator at{source}, end; at != end; ++at) {
        if (std::ranges::contains(left_out, at->path().native()))
            at.disable_recursion_pending();
        else if (!at->is_symlink() && at->is_regular_file())
            return true;
    }
    return false;
}

std::vector<std::string> written_to(const Job &job, const std::string &cache_directory)
{
    std::vector<std::string> all{StateDirectories{}.records.parent_path().native(), cache_directory};
    for (const auto &repository : job.repositories) {
        std::error_code unknown; // one that cannot be found is restic's to name
        const auto real = fs::weakly_canonical(repository.local_path(), unknown);
        if (!unknown && !repository.local_path().empty())
            all.push_back(real.native());
    }
    return all;
}

void refuse_written_sources(const Job &job, std::span<const std::string> written)
{
    for (const auto &source : job.sources)
        for (const auto &directory : written)
            if (lies_below(source, directory))
                throw Failure{
                    std::format("the source {} lies in {}, where this very backup is written to: leave it out of the sources",
                                printable(source), printable(directory))};
}

std::vector<std::string> other_names(std::span<const std::string> sources, std::span<const std::string> written)
{
    const MountTable mounts;
    struct Named {
        std::uint64_t device = 0;
        std::string name{};
    };
    const auto in_file_system = [&](const std::string &path) {
        const Fd file = open_without_links(path, O_PATH);
        if (!file) // one that is not there is restic's to name
            return Named{};
        const auto mount = place_of(file, path).mount_id;
        return Named{mounts.at(mount).device, mounts.inside(path, mount)};
    };
    std::vector<std::string> names;
    for (const auto &directory : written)
        for (const auto &source : sources) {
            const auto one = in_file_system(directory), other = in_file_system(source);
            if (one.device != other.device || lies_below(directory, source) || !lies_below(one.name, other.name))
                continue;
            names.push_back(fs::path{source + '/' + one.name.substr(other.name.size())}.lexically_normal().native());
        }
    return names;
}

} // namespace igotchuu
