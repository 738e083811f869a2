// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"
#include "exec/view.hpp"
#include "job/job.hpp"

#include <string_view>

namespace igotchuu
{

/// Whether restic leaves that out with all that is below it, as the job's `exclude` says by a path: no pattern (restic's rules for those are its own), and
/// nothing that a later "!" might take in again.
[[nodiscard]] bool is_excluded(const Job &job, std::string_view path);

/// The same of what need not be in a snapshot: not so where a source, what is live, root's home or what has to go on lies below, which needs its place there.
[[nodiscard]] IsExcluded what_is_excluded(const Job &job, const Keep &keep);

} // namespace igotchuu
