// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/forget.hpp"
#include "exec/restic/plan.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <span>
#include <string_view>

namespace igotchuu
{

/// The last proven snapshot stays, whatever the rules say: it moves from what would go to what stays, and restic's reasons have one of ours. `snapshot_id` may be empty.
void spare(restic::Plan &plan, std::string_view snapshot_id);

/// Whether what cannot be removed, as another restic works on the repository, may wait for the next run: until that was so for three days, or in all runs that the
/// record has.
[[nodiscard]] bool may_be_put_off(const Record &record, std::string_view repository, Clock::time_point now);

/// After a backup whose result in the repository is `result`: plans, judges, and carries out what may be. `record`: of the runs before that one. What restic cannot
/// do is in what is returned, as Hold::failed, or Hold::locked. Throws Cancelled when asked to stop: nothing, or not all of it, is removed then.
[[nodiscard]] Retention forget_old(const Job &job, const restic::Starter &starter, const restic::Access &access,
                                   const RepositoryResult &result, std::span<const SourcePlace> sources, const Record &record);

} // namespace igotchuu
