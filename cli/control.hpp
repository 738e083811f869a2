// SPDX-License-Identifier: MIT
#pragma once

#include "cli/job-names.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// The jobs that these words mean. Throws UsageError for the first that means none. Where the directory of jobs cannot be read, the words are taken as they are.
[[nodiscard]] std::vector<JobName> jobs_called(const std::vector<std::string> &words);

/// Starts the job: as root by systemd, else by igotchuud, which polkit and perhaps a password stand before. Returns when that is taken on. Throws Failure
/// when it runs already.
void start(const JobName &job);

} // namespace igotchuu
