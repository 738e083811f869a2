// SPDX-License-Identifier: MIT
#include "exec/in-use.hpp"

#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

Lock lock_job(const Job &job)
{
    return Lock::take(job.instance, LockKind::exclusive, std::format("the job {} is already running", printable(job.name)));
}

std::vector<Lock> lock_repositories(const Job &job)
{
    std::vector<Lock> locks;
    for (const auto &repository : job.repositories)
        locks.push_back(Lock::take(lock_of(repository), LockKind::shared,
                                   std::format("the repository {} is being maintained", printable(repository.name))));
    return locks;
}

} // namespace igotchuu
