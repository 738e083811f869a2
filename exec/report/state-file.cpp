// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"

#include "job/exit-status.hpp"

namespace igotchuu
{

namespace
{

/// Of those that systemd tries again.
bool is_like(const Run &run, const Run &other)
{
    return run.outcome == other.outcome && exit_status(run) == ExitStatus::not_now && exit_status(other) == ExitStatus::not_now;
}

} // namespace

void add(Record &record, const Run &run)
{
    if (!record.history.empty() && is_like(run, record.history.front()))
        record.history.erase(record.history.begin()); // a week on battery is not a history of a hundred tries
    if (run.outcome != Outcome::not_now)
        record.waits_since.reset();
    else if (!record.waits_since)
        record.waits_since = run.started;
    record.history.insert(record.history.begin(), run);
    const bool is_newer = !record.last_success || instant_of(*record.last_success) <= instant_of(run); // not a kept one, sent late
    if (succeeded(run) && is_newer)
        record.last_success = run;
}

} // namespace igotchuu
