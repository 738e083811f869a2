// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/state.hpp"

#include <string>

namespace igotchuu
{

/// The lock of a look at how fresh a job's backup is, held as long as it still sees what runs have done meanwhile.
[[nodiscard]] std::string lock_of_look(const std::string &instance);

/// What a run has added, to a repository of a job with an objective, is looked at by a look that asks after it. To be called when the record has the run. A look
/// that has failed need not stay so until the next one, and a disk that is plugged in for its backup alone can be asked now. A run that had nothing to add asks
/// nobody for anything. What keeps the look from beginning is only said: its timer comes.
void look_after(const Job &job, const Run &run);

} // namespace igotchuu
