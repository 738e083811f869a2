// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <string>

namespace igotchuu
{

/// What a person wants who types it.
enum class ByHand : std::uint8_t {
    show, ///< what would be removed
    explain, ///< and of each other snapshot, why it stays
    json, ///< all of that, as an object on one line
    confirm, ///< it is removed, though it may be held
};

/// Prints what the job's rules would remove from each of its repositories, and whether and why that is held. Confirmed, it is removed; the record says
/// so, and the backup that it was held for is the measure of those to come. Throws NotNow when the job or a repository is in use.
[[nodiscard]] ExitStatus retention_by_hand(const Job &job, ByHand what, const std::string &invocation_id, const StopRequest &stop);

} // namespace igotchuu
