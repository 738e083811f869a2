// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"

#include <system_error>

namespace igotchuu
{

Record record_so_far(const StateDirectories &where, std::string_view instance)
{
    try {
        return read_record(where, instance).value_or(Record{});
    } catch (const std::system_error &) { // writing it will fail, too, and say so; or mend it
        return {};
    }
}

void add(Record &record, const Run &run)
{
    record.history.insert(record.history.begin(), run);
    if (run.outcome == Outcome::success)
        record.last_success = run;
}

} // namespace igotchuu
