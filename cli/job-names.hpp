// SPDX-License-Identifier: MIT
#pragma once

#include "job/error.hpp"
#include "job/search-path.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What was typed makes no sense: ExitStatus::usage.
struct UsageError : Failure {
    using Failure::Failure;
};

struct JobName {
    std::string name; ///< as its file is called; of one without a file: its instance
    std::string instance;
    std::string file; ///< empty: a job without one
};

/// The jobs that a file describes, in the order of their names. A file whose name can be no unit's is none. Throws std::system_error.
[[nodiscard]] std::vector<JobName> jobs_with_files(const SearchPath &path);

/// The job that a person means by `word`: its name, or its unit's instance; of one without a file, whose source is a directory that is there, also the path.
/// Throws UsageError, with the name that is nearest.
[[nodiscard]] JobName job_called(const SearchPath &path, std::string_view word);

/// "home, photos", of the first five of them, for a person who has to say which. Printable.
[[nodiscard]] std::string to_choose_from(std::span<const JobName> jobs);

} // namespace igotchuu
