// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"

namespace igotchuu
{

void add(Record &record, const Run &run)
{
    if (run.outcome != Outcome::not_now)
        record.waits_since.reset();
    else if (!record.waits_since)
        record.waits_since = run.started;
    else if (!record.history.empty() && record.history.front().outcome == Outcome::not_now)
        record.history.erase(record.history.begin()); // a week on battery is not a history of a hundred tries
    record.history.insert(record.history.begin(), run);
    if (run.outcome == Outcome::success)
        record.last_success = run;
}

} // namespace igotchuu
