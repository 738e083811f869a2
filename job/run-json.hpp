// SPDX-License-Identifier: MIT
#pragma once

#include "job/json-fields.hpp"

/// What a job's record is made of, as JSON and back.
namespace igotchuu::state_json
{

[[nodiscard]] json progress_to_json(const Progress &progress);
[[nodiscard]] Progress progress_from_json(const json &from);
[[nodiscard]] json place_to_json(const SourcePlace &place);
[[nodiscard]] SourcePlace place_from_json(const json &from);
[[nodiscard]] json run_to_json(const Run &run);
[[nodiscard]] Run run_from_json(const json &from);
[[nodiscard]] json up_to_date_to_json(const UpToDate &one);
[[nodiscard]] UpToDate up_to_date_from_json(const json &from);
[[nodiscard]] json proven_to_json(const LastProven &proven);
[[nodiscard]] LastProven proven_from_json(const json &from);
[[nodiscard]] json day_to_json(const Day &day);
[[nodiscard]] Day day_from_json(const json &from);

} // namespace igotchuu::state_json
