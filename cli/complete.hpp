// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// What may stand in the place of the last of `words`, which were typed after "igotchuu": each with a tab and what it is, for the shells' completion. "/" stands for files, "//" for directories. No repository
/// is opened: names are those of the files in the directories, and snapshots those that the job's record knows. Throws std::system_error where these cannot be read.
[[nodiscard]] std::vector<std::string> candidates(const CLI::App &app, std::span<const std::string> words);

} // namespace igotchuu
