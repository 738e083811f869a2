// SPDX-License-Identifier: MIT
#pragma once

#include "exec/answer.hpp"
#include "exec/stop.hpp"
#include "job/job.hpp"

namespace igotchuu
{

/// What somebody may be content with who wants to know.
enum class Ask {
    once, ///< an answer that another job has got a moment ago
    anew,
};

/// What the repository says of this machine's snapshots: one process at a time asks it, and the others get its answer. `last_change`: when the job last changed
/// something in it. Where it is out of reach, the last answer that is known, and why; of one whose location is a
/// credential none is. By hand its credentials come as a unit's. Throws Failure for all else that
/// keeps it from answering, and Cancelled.
[[nodiscard]] Answer ask_once(const Job &job, const Repository &repository, Clock::time_point last_change, Ask ask,
                              const StopRequest &stop);

} // namespace igotchuu
