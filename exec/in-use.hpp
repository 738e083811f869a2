// SPDX-License-Identifier: MIT
#pragma once

#include "exec/lock.hpp"
#include "job/job.hpp"

#include <stdexcept>
#include <vector>

namespace igotchuu
{

/// One run of a job at a time. Throws NotNow.
[[nodiscard]] Lock lock_job(const Job &job);
/// None of its repositories is maintained meanwhile. Throws NotNow.
[[nodiscard]] std::vector<Lock> lock_repositories(const Job &job);

} // namespace igotchuu
