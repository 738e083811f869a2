// SPDX-License-Identifier: MIT
#pragma once

namespace igotchuu
{

struct Job;
class StopRequest;

/// Runs the job's exec-before-snapshot, where it has one, in this mount namespace and with what this process may: a mount that it makes is seen by nobody
/// else, and goes with the run. What it prints goes to our standard error. Throws Failure with its last words, and Cancelled.
void run_before_snapshot(const Job &job, const StopRequest &stop);

} // namespace igotchuu
