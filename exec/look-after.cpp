// SPDX-License-Identifier: MIT
#include "exec/look-after.hpp"

#include "exec/lock.hpp"
#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <iostream>

namespace igotchuu
{

/// "+": no job has such a name.
std::string lock_of_look(const std::string &instance)
{
    return "look+" + instance;
}

void look_after(const Job &job, const Run &run)
try {
    const auto has_added = [](const RepositoryResult &result) {
        return result.outcome == Outcome::success && !result.unchanged_since;
    };
    if (job.objective == std::chrono::hours{0} || job.implicit() || std::ranges::none_of(run.repositories, has_added))
        return;
    if (!Lock::try_take(lock_of_look(job.instance), LockKind::exclusive))
        return; // the one that is under way sees it
    // Not "start": while one that has seen all that it will is about to end, systemd would take that for what was asked for.
    static_cast<void>(output_of({.arguments = {programs::systemctl, "restart", "--no-block", "--", fresh_service_of(job.instance)},
                                 .at_most = std::chrono::seconds{10}}));
} catch (const std::exception &error) {
    std::cerr << "igotchuu: " << error.what() << '\n';
}

} // namespace igotchuu
