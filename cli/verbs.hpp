// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu
{

// What a person types after `igotchuu`. Each returns the exit status, and throws std::exception for main to print.

struct StatusRequest {
    std::vector<std::string> jobs{}; ///< empty: all
    bool json = false;
    bool one_screen = false; ///< no more than the terminal shows; and 0 whatever the jobs are like
};
/// Exits as a plug-in of a monitoring does, see Severity.
[[nodiscard]] int show_status(const StatusRequest &request);

// What is done to one job is not kept back by what goes wrong with another.
[[nodiscard]] int start_jobs(const std::vector<std::string> &jobs);
[[nodiscard]] int stop_jobs(const std::vector<std::string> &jobs);

/// Until all are over; of no job: those that run now. Ctrl-C ends the watching alone.
[[nodiscard]] int watch_jobs(const std::vector<std::string> &jobs);
/// Starts it, watches it, and exits as the run does.
[[nodiscard]] int run_job(const std::string &job);

struct LogRequest {
    std::string job{};
    bool all = false; ///< of all runs, not of the last one
    bool follow = false;
};
[[nodiscard]] int show_log(const LogRequest &request);

} // namespace igotchuu
