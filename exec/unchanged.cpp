// SPDX-License-Identifier: MIT
#include "exec/unchanged.hpp"

#include "exec/prove.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/run.hpp"
#include "job/host-name.hpp"
#include "job/load.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

/// A text that grows with each subvolume: beyond it the record would be too large.
constexpr std::size_t basis_max = 64UZ * 1024;

/// "PATH INODE SIZE MTIME CTIME;" of a file that may say other things tomorrow.
std::string state_of(const std::string &path)
{
    struct stat status{};
    if (stat(path.c_str(), &status) < 0)
        return path + " -;";
    return std::format("{} {} {} {}.{:09} {}.{:09};", path, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

/// "--exclude-file=/etc/x", or "/etc/x" after "--exclude-file": the path that such an argument may be.
std::string path_in(const std::string &argument)
{
    const auto slash = argument.find('/');
    return slash == 0 || (slash != argument.npos && argument[slash - 1] == '=') ? argument.substr(slash) : std::string{};
}

std::string states_of_files(const Job &job)
{
    auto arguments = job.restic_args;
    std::string states;
    for (const auto &repository : job.repositories) {
        arguments.insert(arguments.end(), repository.restic_args.begin(), repository.restic_args.end());
        for (const auto &path : restic::files_of(repository))
            states += state_of(path);
        for (const auto &variable : repository.environment)
            if (variable.form == VariableForm::file)
                states += state_of(variable.where);
    }
    for (const auto &argument : arguments)
        if (const auto path = path_in(argument); !path.empty())
            states += state_of(path);
    return states;
}

/// One whose address is a secret may lead elsewhere by now.
bool may_be_another(const Repository &repository)
{
    return !repository.location_from.empty();
}

/// Where it can be looked at, the snapshot has to be there. A disk in a drawer changes nothing.
bool may_have(const Repository &repository, const Summary &summary)
{
    const auto path = repository.local_path();
    struct stat status{};
    return path.empty() || restic::is_absent(repository) ||
           stat((path + "/snapshots/" + summary.snapshot_id).c_str(), &status) == 0;
}

Summary unchanged(const Summary &summary)
{
    return {.files_unmodified = summary.total_files_processed,
            .dirs_unmodified = summary.dirs_new + summary.dirs_changed + summary.dirs_unmodified,
            .total_files_processed = summary.total_files_processed,
            .total_bytes_processed = summary.total_bytes_processed,
            .snapshot_id = summary.snapshot_id};
}

} // namespace

std::string basis_of(const Job &job, const Snapshots &snapshots, const restic::Features &features)
{
    const auto version = snapshots.version();
    auto basis = std::format("{} {} {} {} {}", digest(job), features.version, host_name(), states_of_files(job), version);
    return version.empty() || basis.size() > basis_max ? std::string{} : basis;
}

std::vector<RepositoryResult> up_to_date(const Job &job, const Record &record, const std::string &basis)
{
    std::vector<RepositoryResult> results;
    if (basis.empty() || basis != record.basis)
        return results;
    const auto now = Clock::now();
    for (const auto &repository : job.repositories) {
        const auto known = std::ranges::find(record.up_to_date, repository.name, &UpToDate::repository);
        if (known == record.up_to_date.end() || known->since > now ||
            now - known->since >= job.full_every || // the clock may have been set
            may_be_another(repository) || !may_have(repository, known->summary) ||
            is_proof_due(job.prove, record, repository.name, Lacks::nothing, now))
            continue;
        results.push_back({.repository = repository.name,
                           .outcome = Outcome::success,
                           .summary = unchanged(known->summary),
                           .unchanged_since = known->since});
    }
    return results;
}

Job without(Job job, const std::vector<RepositoryResult> &results)
{
    std::erase_if(job.repositories, [&](const auto &repository) {
        return std::ranges::contains(results, repository.name, &RepositoryResult::repository);
    });
    return job;
}

} // namespace igotchuu
