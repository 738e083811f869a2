// SPDX-License-Identifier: MIT
#include "job/job.hpp"

#include <algorithm>
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

std::vector<std::string> credentials_of(const Repository &repository)
{
    std::vector<std::string> ids;
    const auto add = [&](const std::string &id) {
        if (!id.empty() && !std::ranges::contains(ids, id))
            ids.push_back(id);
    };
    for (const auto *const secret :
         {&repository.location_from, &repository.password, &repository.ssh_identity, &repository.ssh_known_hosts})
        add(secret->credential);
    for (const auto &variable : repository.environment)
        if (variable.is_credential())
            add(variable.where);
    return ids;
}

bool operator==(const Job &a, const Job &b)
{
    const auto all = [](const Job &job) {
        return std::tie(job.name, job.instance, job.file, job.description, job.sources, job.exclude, job.exclude_caches,
                        job.repositories, job.snapshot, job.live, job.prepare, job.cleanup, job.prepared, job.prepare_user,
                        job.prepare_timeout, job.before_snapshot, job.hold, job.hold_user, job.hold_timeout, job.wait,
                        job.nested_max, job.nested_read_only, job.restic_args, job.full_every, job.pending, job.prove,
                        job.objective, job.keep, job.unit, job.service, job.timer);
    };
    return all(a) == all(b);
}

} // namespace igotchuu
