// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"

namespace igotchuu
{

void add(Record &record, const Run &run)
{
    record.history.insert(record.history.begin(), run);
    if (run.outcome == Outcome::success)
        record.last_success = run;
}

} // namespace igotchuu
