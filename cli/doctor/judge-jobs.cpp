// SPDX-License-Identifier: MIT
#include "cli/doctor/checks.hpp"
#include "cli/shell.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <format>

namespace igotchuu::doctor
{

namespace
{

/// What to type to change a job's file. One without a file gets one.
std::string edit(const JobSeen &job)
{
    if (!job.file.empty())
        return std::format("igotchuu edit {}", shell_word(printable(job.name)));
    return std::format("igotchuu new NAME {}, then igotchuu edit NAME",
                       job.sources.empty() ? "PATH" : shell_word(printable(job.sources.front().path)));
}

template <typename Found>
void for_each_source(const Seen &seen, const Found &found)
{
    for (const auto &job : seen.jobs)
        for (const auto &source : job.sources)
            found(job, source);
}

/// "/srv/a and 3 more"
std::string first_of(const std::vector<std::string> &paths)
{
    const auto first = printable(paths.front(), 200);
    return paths.size() == 1 ? first : std::format("{} and {} more", first, paths.size() - 1);
}

std::vector<const RepositorySeen *> repositories_of(const Seen &seen, const JobSeen &job)
{
    std::vector<const RepositorySeen *> all;
    if (job.job)
        for (const auto &wanted : job.job->repositories)
            for (const auto &repository : seen.repositories)
                if (repository.repository.name == wanted.name)
                    all.push_back(&repository);
    return all;
}

/// The first disk of a source that is one of the repository's, too; nullptr: none is.
const std::string *shared_disk(const JobSeen &job, const RepositorySeen &repository)
{
    for (const auto &source : job.sources)
        for (const auto &disk : source.disks)
            if (std::ranges::contains(repository.disks, disk))
                return &disk;
    return nullptr;
}

/// The disk that takes all backups of the job with it; nullptr: there is none.
const std::string *common_fate(const Seen &seen, const JobSeen &job)
{
    const std::string *disk = nullptr;
    for (const auto *const repository : repositories_of(seen, job))
        if ((disk = shared_disk(job, *repository)) == nullptr)
            return nullptr;
    return disk;
}

std::string go_elsewhere(const Seen &seen, const JobSeen &job)
{
    if (std::ranges::all_of(repositories_of(seen, job), [](const auto *one) { return one->repository.embedded(); }))
        return "write /etc/igotchuu/repositories/default.toml, as igotchuu.repository(5) has it, with a place elsewhere; then "
               "igotchuu repository init default; igotchuu reload";
    return std::format("{}: in \"repositories\" name one more, which is elsewhere", edit(job));
}

} // namespace

Ailments no_job(const Seen &seen)
{
    if (!seen.jobs.empty() || !seen.faults.empty() || !seen.unseen.empty())
        return {};
    return {{Severity::warning, "jobs", "there is none: nothing of this machine is backed up", "igotchuu new home /home"}};
}

Ailments broken_files(const Seen &seen)
{
    Ailments found;
    for (const auto &job : seen.jobs)
        if (!job.fault.empty())
            found.push_back({Severity::critical, printable(job.name), std::format("each run of it fails: {}", printable(job.fault)),
                             std::format("igotchuu validate {}", shell_word(printable(job.file)))});
    for (const auto &fault : seen.faults)
        found.push_back(
            {Severity::critical, "files", std::format("one cannot be used: {}", printable(fault)), "igotchuu validate"});
    return found;
}

Ailments not_reloaded(const Seen &seen)
{
    Ailments found;
    const auto look = [&](std::optional<bool> loaded, const std::string &name, std::string_view what) {
        if (loaded == false)
            found.push_back({Severity::critical, printable(name),
                             std::format("systemd does not have it as its file is now: its next {} fails", what),
                             "igotchuu reload"});
    };
    for (const auto &job : seen.jobs)
        look(job.loaded, job.name, "run");
    for (const auto &repository : seen.repositories)
        look(repository.loaded, repository.repository.name, "maintenance");
    return found;
}

Ailments unusable_sources(const Seen &seen)
{
    Ailments found;
    for_each_source(seen, [&](const JobSeen &job, const SourceSeen &source) {
        if (!source.trouble.why.empty())
            found.push_back({Severity::critical, printable(job.name), source.trouble.why,
                             source.trouble.cure.empty() ? edit(job) + ": \"sources\"" : source.trouble.cure});
    });
    return found;
}

Ailments swap_files(const Seen &seen)
{
    Ailments found;
    for_each_source(seen, [&](const JobSeen &job, const SourceSeen &source) {
        for (const auto &[file, subvolume] : source.swap_below)
            found.push_back(
                {Severity::warning, printable(job.name),
                 std::format("the active swap file {} lies in the subvolume {}, and btrfs takes no snapshot of that: it is in no "
                             "backup, and each is partial",
                             printable(file), printable(subvolume)),
                 std::format("{}: name {} in \"exclude\"; or swapoff {}, and make it anew in a subvolume that is not below {}",
                             edit(job), printable(subvolume), shell_word(printable(file)), printable(source.path))});
        if (source.swap_file.empty())
            return;
        const auto file = shell_word(printable(source.swap_file));
        found.push_back({Severity::critical, printable(job.name),
                         std::format("the active swap file {} lies in the subvolume of {}, and btrfs takes no snapshot of that: "
                                     "each run fails",
                                     file, printable(source.path)),
                         std::format("swapoff {}, and make it anew in a subvolume of its own: btrfs subvolume "
                                     "create /swap && btrfs filesystem mkswapfile --size 4g /swap/file && swapon /swap/file; {}: "
                                     "name /swap in \"exclude\"",
                                     file, edit(job))});
    });
    return found;
}

Ailments other_file_systems(const Seen &seen)
{
    Ailments found;
    for_each_source(seen, [&](const JobSeen &job, const SourceSeen &source) {
        for (const auto &path : source.others)
            found.push_back(
                {Severity::warning, printable(job.name),
                 std::format("another file system is mounted on {}: it is in no backup, and each is partial", printable(path)),
                 std::format(
                     "{}: name {} in \"sources\", in \"live\" to have it without a snapshot, or in \"exclude\" to accept it",
                     edit(job), printable(path))});
    });
    return found;
}

Ailments read_only_subvolumes(const Seen &seen)
{
    Ailments found;
    for_each_source(seen, [&](const JobSeen &job, const SourceSeen &source) {
        if (source.read_only.empty())
            return;
        const bool one = source.read_only.size() == 1;
        found.push_back(
            {Severity::warning, printable(job.name),
             std::format("{} below {} {} in no backup, and {} of what is ({})",
                         counted(source.read_only.size(), "read-only subvolume", "read-only subvolumes"), printable(source.path),
                         one ? "is" : "are", one ? "no snapshot" : "no snapshots", first_of(source.read_only)),
             std::format("{}: nested-read-only = true, or name {} in \"exclude\" to accept it", edit(job),
                         one ? "it" : "them, or a directory above,")});
    });
    return found;
}

Ailments one_disk_alone(const Seen &seen)
{
    Ailments found;
    for (const auto &job : seen.jobs)
        if (const auto *const disk = common_fate(seen, job))
            found.push_back(
                {Severity::critical, printable(job.name),
                 std::format("its files and all its backups lie on one disk ({}), and are lost with it", printable(*disk)),
                 go_elsewhere(seen, job)});
    return found;
}

Ailments embedded_alone(const Seen &seen)
{
    Ailments found;
    for (const auto &job : seen.jobs) {
        const auto repositories = repositories_of(seen, job);
        if (!repositories.empty() && common_fate(seen, job) == nullptr &&
            std::ranges::all_of(repositories, [](const auto *one) { return one->repository.embedded(); }))
            found.push_back({Severity::warning, printable(job.name),
                             "its only repository is the embedded one, which is lost with this machine, and so is its key",
                             go_elsewhere(seen, job)});
    }
    return found;
}

Ailments runs(const Seen &seen)
{
    std::vector<std::string> names;
    auto worst = Severity::fine;
    for (const auto &job : seen.jobs)
        if (job.runs == Severity::warning || job.runs == Severity::critical) {
            names.push_back(job.name);
            worst = std::max(worst, job.runs);
        }
    if (names.empty())
        return {};
    return {{worst, first_of(names), "what its runs have come to is not as it should be", "igotchuu status"}};
}

} // namespace igotchuu::doctor
