// SPDX-License-Identifier: MIT
#pragma once

#include "cli/migrate/migration.hpp"
#include "job/search-path.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace igotchuu::migrate
{

/// A file that a migration makes: credentials (0600) first, then repositories, then jobs (0644), so that what is named is there.
struct PlannedFile {
    std::string place;
    std::string text;
    mode_t mode;
    std::string secret; ///< what it holds that is not to be shown; empty: it may be
};
using Plan = std::vector<PlannedFile>;

/// The jobs and repositories of `migration`, which come from `file`. Two jobs with one target share its repository, which is called as the first of them.
/// What lacks a source, a repository or its password is a fault, and so is a name that no job can have: then the plan is good for nothing.
[[nodiscard]] Plan plan_of(Migration &migration, const std::string &file);

/// Adds what igotchuu would say of these files, in the words that they would have in their places, and which of them are there already. Writes them below /run for that, but
/// the secrets. Throws std::system_error.
void check(const Plan &plan, const SearchPath &path, Findings &findings);

/// Writes all of them, or none. Throws std::system_error; Failure when one of them is there meanwhile.
void write(const Plan &plan);

} // namespace igotchuu::migrate
