// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// State files as JSON, on one line. Times are microseconds since the epoch, durations microseconds. The text is valid whatever bytes the
/// names hold: what is not UTF-8 becomes U+FFFD there, so a job is known by its file's name (the instance, ASCII), never by "job".
[[nodiscard]] std::string to_json(const Activity &activity);
[[nodiscard]] std::string to_json(const Record &record);

/// Nothing when the text is not what this version writes. Fields that are not known are ignored, so that a later version may add some.
[[nodiscard]] std::optional<Activity> activity_from_json(std::string_view text);
[[nodiscard]] std::optional<Record> record_from_json(std::string_view text);

} // namespace igotchuu
