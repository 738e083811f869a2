// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/forget.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <span>

namespace igotchuu
{

/// After a backup whose result in the repository is `result`: plans, judges, and carries out what may be. `before`: the runs before that one,
/// newest first. What restic cannot do is in what is returned, as Hold::failed. Throws Cancelled when asked to stop: nothing, or not all of it,
/// is removed then.
[[nodiscard]] Retention forget_old(const Job &job, const restic::Starter &starter, const restic::Access &access,
                                   const RepositoryResult &result, std::span<const SourcePlace> sources,
                                   std::span<const Run> before);

} // namespace igotchuu
