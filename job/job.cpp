// SPDX-License-Identifier: MIT
#include "job/job.hpp"

#include <string_view>
#include <tuple>

namespace igotchuu
{

std::string Repository::local_path() const
{
    constexpr std::string_view local = "local:";
    if (location.starts_with('/'))
        return location;
    return location.starts_with(local) ? location.substr(local.size()) : std::string{};
}

bool operator==(const Job &a, const Job &b)
{
    const auto all = [](const Job &job) {
        return std::tie(job.name, job.instance, job.file, job.description, job.sources, job.exclude, job.exclude_caches,
                        job.repositories, job.snapshot, job.live, job.prepare, job.cleanup, job.prepared, job.prepare_user,
                        job.prepare_timeout, job.before_snapshot, job.nested_max, job.nested_read_only, job.restic_args, job.unit,
                        job.service, job.timer);
    };
    return all(a) == all(b);
}

} // namespace igotchuu
