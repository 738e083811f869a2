// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace igotchuu
{

// What igotchuu-exec says of a restore, as a person reads it: printable, a line each. Throw Failure where it is of another version.

/// Of {"message": "plan"}: what would become of what is there.
[[nodiscard]] std::vector<std::string> plan_lines(const nlohmann::json &plan);
/// Whether the plan changes anything.
[[nodiscard]] bool has_work(const nlohmann::json &plan);
/// Why, where it does not.
[[nodiscard]] std::string no_work_line(const nlohmann::json &plan);
/// Of {"message": "restored"}: what has become of it.
[[nodiscard]] std::vector<std::string> end_lines(const nlohmann::json &restored);
/// Of {"message": "progress"}: "42 %  1.2 GiB of 2.9 GiB".
[[nodiscard]] std::string restore_progress_line(const nlohmann::json &progress);

} // namespace igotchuu
