// SPDX-License-Identifier: MIT
#pragma once

#include "cli/overview.hpp"

#include <cstddef>
#include <string>

namespace igotchuu
{

/// What a job does now, in at most `columns` (60 and more): "home  backing up to nas  [####------]  42 %  1.2 GiB of 2.9 GiB  35 MiB/s  2 min left". `name_width`: of the longest
/// name that stands in a line above or below it.
[[nodiscard]] std::string progress_line(const Standing &standing, std::size_t name_width, std::size_t columns);

/// The same without what changes all the time: one that is as before says nothing new.
[[nodiscard]] std::string step_of(const Standing &standing);

/// How a run ended: "home: success, in 4.2 s".
[[nodiscard]] std::string end_of(const Standing &standing);

} // namespace igotchuu
