// SPDX-License-Identifier: MIT
#pragma once

#include "exec/namespace.hpp"
#include "exec/report/report.hpp"
#include "exec/snapshot/choose.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

// The instants that a job keeps for repositories that were absent (Kept in job/state.hpp), and how they end. Whoever changes them holds the job's lock. The list
// is on the disk before snapshots are kept, and changed after they were deleted: whenever a process dies, a snapshot is listed or a left-over.

/// Keeps the snapshots of a run that repositories have not got, since they are absent or a shutdown cut their first upload, and lists them. False: nothing is to
/// be kept, or nothing can be, or an absent repository has never been there; then such repositories, and the run, have failed. `missing`: what the instant lacks.
[[nodiscard]] bool keep_for_those_without(const Job &job, Snapshots &snapshots, const std::vector<std::string> &missing,
                                          Report &report, Run &run);

/// Whether a repository that has no backup of this job yet wants a kept instant.
[[nodiscard]] bool has_cut_first_upload(const Job &job);

/// What of the list may not stay, and why.
struct OverLimit {
    KeptInstant instant;
    std::string why; ///< a sentence
    bool is_missed = true; ///< whoever wants it has to do without: there is no newer one for it
};
/// `coming`: repositories that are there; what only they want is about to be sent.
[[nodiscard]] std::vector<OverLimit> over_limits(const Job &job, std::span<const std::string> coming, const Scratch &scratch);

/// Drops these. A repository that has to do without has failed in `run`.
void give_up(const Job &job, const std::vector<OverLimit> &all, const Scratch &scratch, Report &report, Run &run);

/// What was sent: whoever has it wants it no more, and when nobody does its snapshots go. Where it was disproved it is still wanted, and put off.
void settle(const Job &job, const KeptInstant &sent, Snapshots &snapshots, Report &report, const Run &run);

/// Deletes what was kept of that run, and takes it from the list; what is gone, or whose file system is absent, only from the list. Throws Failure when it cannot
/// be deleted; it stays on the list.
void drop(const std::string &instance, std::string_view run, const Scratch &scratch);

} // namespace igotchuu
