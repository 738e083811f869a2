// SPDX-License-Identifier: MIT
#include "exec/in-use.hpp"

#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

namespace
{

Lock take_lock(const std::string &name, LockKind kind, const std::string &otherwise)
{
    auto lock = Lock::try_take(name, kind);
    if (!lock)
        throw NotNow{otherwise};
    return std::move(*lock);
}

} // namespace

Lock lock_job(const Job &job)
{
    return take_lock(job.instance, LockKind::exclusive, std::format("the job {} is already running", printable(job.name)));
}

std::vector<Lock> lock_repositories(const Job &job)
{
    std::vector<Lock> locks;
    for (const auto &repository : job.repositories) // "+": no job has such a name, while one may well be called repository-nas
        locks.push_back(take_lock('+' + repository.name, LockKind::shared,
                                  std::format("the repository {} is being maintained", printable(repository.name))));
    return locks;
}

} // namespace igotchuu
