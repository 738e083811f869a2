// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"

namespace igotchuu
{

/// Throws ConfigError for a job whose file went away since it ran: it must not turn into an implicit one that has other sources, and other repositories, under its name.
void refuse_orphan(const Job &job);

} // namespace igotchuu
