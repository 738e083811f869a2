// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

/// Runs a program under ptrace(2) and strikes it at one of its system calls. Not by strace -e inject: its `when=` counts each thread by itself,
/// so what a thread calls is out of its reach as long as the first thread has made that call as often.
namespace igotchuu::stage
{

/// Calls are counted by their kind, over all threads of the program, and its children until they execute another one: those are not ours.
/// By kind, since how often a bus is polled or a thread waits differs from run to run.
struct Fault {
    long call = -1; ///< its number (syscall(2)); -1: none
    std::size_t nth = 0; ///< from 1
    int error = 0; ///< that call is not made and fails with this errno; 0: SIGKILL instead of that call
};

inline constexpr std::array errors{EIO, ENOSPC, ENOMEM, EINTR, EMFILE}; ///< that a call is made to fail with

enum class Watch { until_struck, to_the_end };

struct Struck {
    int status = 0; ///< of waitpid(2)
    bool in_time = true; ///< false: it was killed, since it took longer than the limit
    bool struck = false; ///< false: the run had no such call
    std::string hung_in; ///< where its threads were by then
    std::vector<long> calls; ///< as far as it was watched, in order
    std::string started; ///< the command lines and environments of what it executed, as far as it was watched
    std::string errors; ///< its standard error

    [[nodiscard]] bool exited_with(int code) const;
};

/// `environment` is all of it; SYSTEMD_EXEC_PID is added, so that the program takes INVOCATION_ID for its own. The calling process becomes the
/// parent of what the program leaves behind. x86-64 only.
[[nodiscard]] Struck strike(const std::vector<std::string> &command, const std::vector<std::string> &environment,
                            const Fault &fault, Watch watch, std::chrono::seconds limit);

[[nodiscard]] std::vector<Fault> points_of(const std::vector<long> &calls); ///< each call of a run, to be struck by SIGKILL

/// Waits until nothing is left of what strike() ran; their names, when some are still there after `limit`: they are killed then.
[[nodiscard]] std::string orphans_after(std::chrono::seconds limit);

[[nodiscard]] bool
can_fail(long call); ///< false for those whose result nobody can doubt, as getpid(2), and those that do not return
[[nodiscard]] std::string to_string(const Fault &fault); ///< "EIO at openat 12"

} // namespace igotchuu::stage
