// SPDX-License-Identifier: MIT
#pragma once

#include "exec/answer.hpp"
#include "job/job.hpp"
#include "job/state-files.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// How fresh is the job's backup in one repository?
struct FreshnessInQuestion {
    const Job &job;
    const std::string &repository; ///< its name
    const Answer &answer;
    const Record &record; ///< of the job's runs
    std::span<const std::string> tags; ///< by which the job's snapshots are known
    std::string host; ///< this one
    Clock::time_point now;
    std::optional<Clock::time_point> busy_since{}; ///< a run is under way, or was killed and nobody has written that down
    std::vector<Clock::time_point> wanted{}; ///< kept instants that the repository has not got, as far as their list says
};

/// The newest good backup there: a snapshot of the job and this machine that has all of the job's sources, and of which the record does not say that it misses
/// something or is not what was backed up. One that the record does not know has to be of this host: a clone of the machine has its id, too. A run that found nothing to back up makes it as fresh as that run.
struct Freshness {
    std::optional<Clock::time_point> as_of; ///< nothing: there is none
    std::string snapshot_id{};
    bool unchanged = false; ///< it is older, and there was nothing to add to it
    bool fresh = false; ///< within the job's objective
    std::string lost{}; ///< of what is fresh, words: that the backup before it was gone already when it was made
    std::string why{}; ///< of what is not fresh, words: why there is nothing newer, as far as the record or the repository know it
    std::string why_unasked{}; ///< why the repository could not be asked: all this is as far as is known
    /// Since when it could not, for longer than the objective, though a backup has got there meanwhile: then what is known is not believed any longer.
    std::optional<Clock::time_point> unasked_since{};
};
[[nodiscard]] Freshness judge(const FreshnessInQuestion &question);

/// What came of the job's runs, nothing of a job that has had none. Throws Failure where there is such a file and it cannot be read: then each snapshot would pass
/// for a good one.
[[nodiscard]] Record known_runs(const StateDirectories &where, const std::string &instance);

/// When a run of the job last changed something in the repository; the epoch: none has, as far as the record goes back.
[[nodiscard]] Clock::time_point last_change(const Record &record, const std::string &repository);

/// "The backup of home in nas is fresh: 5 h 12 min old, as of 2026-11-25 03:00:07 (snapshot 1a2b3c4d)"; or that it is too old, or that there is none, why, and
/// what to do. `trouble`: what else may be the reason, in words; empty: nothing is known.
[[nodiscard]] std::string freshness_sentence(const FreshnessInQuestion &question, const Freshness &freshness,
                                             const std::string &trouble);

} // namespace igotchuu
