// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/plan.hpp"
#include "job/state.hpp"

#include <span>
#include <string>

namespace igotchuu
{

/// A plan of what to forget in one repository, and what it is judged by.
struct PlanInQuestion {
    const restic::Plan &plan;
    const RepositoryResult
        &last; ///< of the newest backup there; its snapshot has to stay. Without a snapshot's id: the newest one has to
    std::span<const SourcePlace> sources; ///< where that backup found them
    std::span<const Run> before; ///< the runs before that one, newest first
};

struct Verdict {
    Hold hold = Hold::none;
    std::string why{}; ///< of a hold: a sentence
};

/// Whether the plan may be carried out unseen. A backup that is like none before it may be what is left of the files, or what somebody has made of
/// them: then the older snapshots are what the backups were for, whatever the rules say. That is judged once five runs were good ones. A hold for it
/// lasts until the backup is as before, that of Hold::rewritten (what is changed stays changed) until a person confirms the plan.
[[nodiscard]] Verdict judge(const PlanInQuestion &question);

} // namespace igotchuu
