// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace igotchuu
{

class StopRequest;

/// A program of the admin's that works for a job. PID 1 runs it, as igotchuu-WHAT@INSTANCE.service, in the host's namespace, as its own user: from inside
/// our sandbox it could do nothing. systemd-run(1). Or it is a unit of the admin's, which is started as it is.
struct AdminProgram {
    std::string what; ///< mostly the key that names it: "prepare", "cleanup"
    std::string instance; ///< the job's
    std::vector<std::string> arguments; ///< the first is its absolute path; or a unit's name alone
    std::string user;
    std::string user_key{}; ///< the key that names the user, for messages
    std::string time_key{}; ///< the key that says how long it may take; empty: there is none
    std::vector<std::string> properties{}; ///< "Key=value", lines of its unit
    std::vector<std::string> environment; ///< "NAME=value"; a unit does not get it
    std::chrono::seconds at_most{};
    int input = -1; ///< a descriptor, for its standard input; -1: it has none
    bool without_capabilities = false; ///< we have none: then there is nothing to take away from what starts it
};

/// Runs it to its end; returns what it printed. What it says on standard error goes to ours. Throws Failure, which names the key, the program and
/// its last words, and Cancelled when `stop` was asked for (nullptr: nobody can): whatever is thrown, nothing of it runs any more, unless
/// the Failure says so.
[[nodiscard]] std::string run(const AdminProgram &program, const StopRequest *stop);

/// Ends what runs of it: what a killed run has started, and a unit that stays active. Nothing does: fine. Throws Failure when it goes on.
void end(const AdminProgram &program);

} // namespace igotchuu
