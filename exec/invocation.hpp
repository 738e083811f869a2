// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace igotchuu
{

/// Of the run: systemd's InvocationID when this process is a service's own (and not merely a descendant of one, as a shell in a terminal is),
/// else a new random one. 32 hexadecimal digits. systemd.exec(5) $INVOCATION_ID, $SYSTEMD_EXEC_PID.
[[nodiscard]] std::string invocation();

/// Whether somebody has typed it: this process is no service's own.
[[nodiscard]] bool by_hand();

/// Another one, for a further run of this process.
[[nodiscard]] std::string new_id();

} // namespace igotchuu
