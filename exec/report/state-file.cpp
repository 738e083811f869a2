// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"

#include "job/days.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <format>
#include <optional>
#include <vector>

namespace igotchuu
{

namespace
{

bool is_unchanged(const Run &run)
{
    return run.outcome == Outcome::success && !run.repositories.empty() &&
           std::ranges::all_of(run.repositories, [](const auto &result) { return result.unchanged_since.has_value(); });
}

/// A run that was killed may have made one that it knows nothing of.
bool stored_nothing(const Run &run)
{
    return run.outcome != Outcome::killed &&
           std::ranges::all_of(run.repositories, [](const auto &result) { return result.summary.snapshot_id.empty(); });
}

/// Of those that systemd tries again, and of those that had nothing to do.
bool is_like(const Run &run, const Run &other)
{
    if (is_unchanged(run))
        return is_unchanged(other);
    return run.outcome == other.outcome && exit_status(run) == ExitStatus::not_now && exit_status(other) == ExitStatus::not_now;
}

/// What made a snapshot that is whole and plausible: as long as old ones are held, each backup is looked at.
bool is_clean(const RepositoryResult &result)
{
    return result.outcome == Outcome::success && !result.summary.snapshot_id.empty() &&
           (!result.retention || result.retention->hold == Hold::none);
}

/// What is kept goes when it can: the job waits for its own run all the same.
void note_waiting(Record &record, const Run &run)
{
    if (!run.kept_run.empty())
        return;
    if (run.outcome != Outcome::not_now)
        record.waits_since.reset();
    else if (!record.waits_since || *record.waits_since > run.ended + clock_error_max)
        record.waits_since = run.started;
}

/// Whatever is no clean success is followed by a backup that looks at everything.
void note_what_is_up_to_date(Record &record, const Run &run)
{
    if (run.outcome == Outcome::not_now || !run.kept_run.empty()) // it came to nothing, or was of an older instant
        return;
    record.up_to_date.clear();
    for (const auto &result : run.repositories)
        if (!run.basis.empty() && is_clean(result))
            record.up_to_date.push_back({result.repository, result.unchanged_since.value_or(run.instant), result.summary});
    record.basis = run.basis;
}

/// Not one of a kept instant that was sent late, as is_after() has it.
void note_proof(Record &record, const RepositoryResult &result, const Run &run)
{
    if (!is_whole(run, result) || !result.proof || result.proof->finding != Finding::proven)
        return;
    const auto *const last = last_proven(record, result.repository);
    if (last != nullptr && last->instant > instant_of(run) && last->instant <= run.ended + clock_error_max)
        return;
    const auto &proof = *result.proof;
    std::erase_if(record.proven, [&](const LastProven &before) { return before.repository == result.repository; });
    record.proven.push_back({.repository = result.repository,
                             .snapshot_id = result.summary.snapshot_id,
                             .instant = instant_of(run),
                             .proven = run.ended,
                             .extent = proof.extent,
                             .files = proof.files,
                             .bytes = proof.bytes,
                             .restored = proof.restored});
}

/// Also a run that had nothing to do: it found that backup to be as good as one of its own.
void disprove(Run &run, const RepositoryResult &found)
{
    for (auto &result : run.repositories) {
        if (result.repository != found.repository || result.summary.snapshot_id != found.summary.snapshot_id ||
            result.outcome == Outcome::disproved)
            continue;
        result.outcome = Outcome::disproved;
        result.proof = found.proof;
        result.message = result.proof->why = printable(found.proof->why);
        run.outcome = worse(run.outcome, result.outcome);
        run.add_to_message(std::format("{}: {}", printable(result.repository), result.message));
    }
}

/// Not a kept one, sent late. One of a time that has not come yet was of a clock that was ahead.
bool is_after(const Run &run, const Run &before)
{
    return instant_of(before) <= instant_of(run) || instant_of(before) > run.ended + clock_error_max;
}

/// Of those that the history has.
std::optional<Run> newest_success(const std::vector<Run> &history)
{
    std::optional<Run> newest;
    for (const auto &run : history)
        if (succeeded(run) && (!newest || instant_of(run) > instant_of(*newest)))
            newest = run;
    return newest;
}

} // namespace

void add(Record &record, const Run &run)
{
    record.days = days_of(record);
    note(record.days, run);
    if (!record.history.empty() && is_like(run, record.history.front()))
        record.history.erase(record.history.begin()); // a week on battery is not a history of a hundred tries
    if (!run.kept_run.empty() && stored_nothing(run)) // nor is a day of a full disk
        std::erase_if(record.history, [&](const Run &other) { return other.kept_run == run.kept_run && stored_nothing(other); });
    note_waiting(record, run);
    note_what_is_up_to_date(record, run);
    record.history.insert(record.history.begin(), run);
    for (const auto &result : run.repositories)
        note_proof(record, result, run);
    if (succeeded(run) && (!record.last_success || is_after(run, *record.last_success)))
        record.last_success = run;
}

void disprove(Record &record, const RepositoryResult &found)
{
    for (auto &run : record.history)
        disprove(run, found);
    if (record.last_success)
        disprove(*record.last_success, found);
    if (record.last_success && !succeeded(*record.last_success))
        record.last_success = newest_success(record.history);
    std::erase_if(record.up_to_date, [&](const UpToDate &one) { return one.repository == found.repository; });
    std::erase_if(record.proven, [&](const LastProven &one) {
        return one.repository == found.repository && one.snapshot_id == found.summary.snapshot_id;
    });
}

} // namespace igotchuu
