// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/toml-values.hpp"

#include <span>
#include <string_view>

namespace igotchuu
{

/// Whether a program of the job (prepare, cleanup) is a unit of systemd's: its name alone, "dump-database.service".
[[nodiscard]] bool is_unit(std::span<const std::string> program);

/// Whether it can be a user's name or number. Whether there is such a user is for systemd to say.
[[nodiscard]] bool is_user(std::string_view text);

/// Finds what is wrong with the keys that name programs: prepare and hold and those that belong to them, exec-before-snapshot. What stands in `defaults` is for the
/// jobs that have a use for it.
void check_programs(const Values &values, const Values &defaults, const Job &job, std::vector<Diagnostic> &faults);

} // namespace igotchuu
