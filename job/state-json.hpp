// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// State files as JSON, on one line. Times are microseconds since the epoch, durations microseconds. The text is valid whatever it holds: a
/// job's name, file or source that is not UTF-8 is the list of its bytes (as in journald's JSON), and what is not UTF-8 elsewhere becomes U+FFFD.
[[nodiscard]] std::string to_json(const Activity &activity);
[[nodiscard]] std::string to_json(const Record &record);
[[nodiscard]] std::string to_json(const RepositoryRecord &record);
[[nodiscard]] std::string to_json(const Kept &kept);

/// restic's own status object, as the first igotchuu sent it on: message_type, the numbers, and no current_files.
[[nodiscard]] std::string restic_status(const Progress &progress);

/// Nothing when the text is not what this version writes. Fields that are not known are ignored, so that a later version may add some.
[[nodiscard]] std::optional<Activity> activity_from_json(std::string_view text);
[[nodiscard]] std::optional<Record> record_from_json(std::string_view text);
[[nodiscard]] std::optional<RepositoryRecord> repository_record_from_json(std::string_view text);
[[nodiscard]] std::optional<Kept> kept_from_json(std::string_view text);

} // namespace igotchuu
