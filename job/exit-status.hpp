// SPDX-License-Identifier: MIT
#pragma once

namespace igotchuu
{

/// The one list of what our programs exit with. systemd.exec(5) "PROCESS EXIT CODES" and sysexits.h are its neighbours.
/// SuccessExitStatus= of the units holds none of them but 0.
enum class ExitStatus : int {
    success = 0,
    failed = 1,
    partial = 3, ///< restic's number: a snapshot exists, something is missing in it
    usage = 64, ///< EX_USAGE
    not_now = 75, ///< EX_TEMPFAIL; the template restarts on it
    bad_configuration = 78, ///< EX_CONFIG
    stopped = 130, ///< 128 + SIGINT
};

} // namespace igotchuu
