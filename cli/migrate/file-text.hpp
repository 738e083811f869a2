// SPDX-License-Identifier: MIT
#pragma once

#include "cli/migrate/migration.hpp"

#include <string>

namespace igotchuu::migrate
{

// The text of a file of ours, which says that it was made of `file`: every key that has a value.

[[nodiscard]] std::string text_of(const Repository &repository, const std::string &file);
[[nodiscard]] std::string text_of(const Found &found, const std::string &file); ///< the job's

} // namespace igotchuu::migrate
