// SPDX-License-Identifier: MIT
#pragma once

#include "dbus/systemd.hpp"

#include <string>

namespace igotchuu
{

/// As `igotchuu reload` does: systemd makes its units anew, timers of files that are new start, those of files that are gone stop, and the check begins. `then` gets one of our
/// errors, or none; it comes once, from the event loop. `systemd` outlives that.
void reload(Systemd &systemd, Systemd::Then then);

/// `why`: what could not be read of the directories of jobs.
[[nodiscard]] sdbus::Error jobs_unreadable(const std::string &why);

} // namespace igotchuu
