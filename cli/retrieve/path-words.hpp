// SPDX-License-Identifier: MIT
#pragma once

#include "cli/retrieve/retrieval.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

// Paths that a person types after a verb, and what they say of the job.

/// Begins as a path does, and no job's name: with "/", "./", "../".
[[nodiscard]] bool is_path(std::string_view word);
/// Absolute, without "." and ".." in it and no slash at its end, as backups have it. A relative one is below the directory that we are in.
[[nodiscard]] std::string stored_path(const std::string &word);

/// Where nothing says of which job or repository it is: the job that backs up the path. Throws UsageError where there is none, or several.
void add_job_of(RepositoryChoice &where, const std::string &path);
/// Whether --repository is there and the word is no job's name: it is something else then.
[[nodiscard]] bool needs_no_job(const RepositoryChoice &where, const std::string &word);

} // namespace igotchuu
