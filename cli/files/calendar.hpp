// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// Whether systemd takes `text` for a calendar expression, systemd.time(7). Where it cannot be asked nothing is held against it.
[[nodiscard]] bool is_calendar(const std::string &text);

/// What of the OnCalendar= lines in `text`, a job file's, systemd does not take for one, in the words of its place `file`.
[[nodiscard]] std::vector<Diagnostic> calendar_faults(std::string_view file, std::string_view text);

/// Why it is none, for whoever typed it.
[[nodiscard]] std::string why_no_calendar(std::string_view text);

} // namespace igotchuu
