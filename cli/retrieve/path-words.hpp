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
/// Throws UsageError where the word for a job is none's name and that of something in the directory that we are in: of a path it has to look like one.
void refuse_bare_path(const RepositoryChoice &where);
/// Whether it is the name of no job.
[[nodiscard]] bool is_no_job(const std::string &word);
/// Whether --repository is there and the word is no job's name: it is something else then.
[[nodiscard]] bool needs_no_job(const RepositoryChoice &where, const std::string &word);

} // namespace igotchuu
