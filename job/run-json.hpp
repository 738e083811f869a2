// SPDX-License-Identifier: MIT
#pragma once

#include "job/json-fields.hpp"

/// What a job's record is made of, as JSON and back.
namespace igotchuu::state_json
{

json progress_to_json(const Progress &progress);
Progress progress_from_json(const json &from);
json place_to_json(const SourcePlace &place);
SourcePlace place_from_json(const json &from);
json run_to_json(const Run &run);
Run run_from_json(const json &from);
json up_to_date_to_json(const UpToDate &one);
UpToDate up_to_date_from_json(const json &from);
json proven_to_json(const LastProven &proven);
LastProven proven_from_json(const json &from);
json day_to_json(const Day &day);
Day day_from_json(const json &from);

} // namespace igotchuu::state_json
