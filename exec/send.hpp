// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <span>
#include <string>

namespace igotchuu
{

/// Of what is kept: all, or not what was disproved there within a day (put_off_until).
enum class Sends { due, all };

/// The kept instants of a job, to those of the repositories that want them and are there, but for those that `absent` names: oldest first, each a run of its own in the
/// record. Returns the worst of their outcomes. The caller holds the job's lock, and is in a mount namespace of its own.
[[nodiscard]] Outcome send_each(const Job &job, std::string invocation_id, std::span<const std::string> absent,
                                const StopRequest &stop, Sends sends);

/// `igotchuu-exec send`, igotchuu-send@.service: all that can be sent, where what the job waits for is so; then what the limits no longer allow goes. What is put
/// off is sent when a person wants it: by hand, and by the unit when nothing else would have started that. What is still out of reach is no failure. Throws NotNow, and says
/// nothing, when a run of the job is under way.
[[nodiscard]] ExitStatus send_kept(const Job &job, const std::string &invocation_id, const StopRequest &stop);

} // namespace igotchuu
