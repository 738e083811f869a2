// SPDX-License-Identifier: MIT
#pragma once

#include "exec/child.hpp"
#include "exec/program-words.hpp"
#include "job/fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

class StopRequest;

/// A program of the admin's that works for a job. PID 1 runs it, as igotchuu-WHAT@INSTANCE.service, in the host's namespace, as its own user: from inside
/// our sandbox it could do nothing. systemd-run(1). Or it is a unit of the admin's, which is started as it is.
struct AdminProgram {
    std::string what; ///< mostly the key that names it: "prepare", "cleanup"
    unsigned number = 0; ///< of several under that key, the first is 1: its unit is igotchuu-WHAT-NUMBER@INSTANCE.service
    std::string instance; ///< the job's
    std::vector<std::string> arguments; ///< the first is its absolute path; or a unit's name alone
    std::string user;
    std::string user_key{}; ///< the key that names the user, for messages
    std::string time_key{}; ///< the key that says how long it may take; empty: there is none
    std::chrono::seconds
        time_of_key{}; ///< what it says, where several programs share that time, and `at_most` is what is left of it
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

/// One that goes on beside us.
class RunningProgram
{
public:
    /// Starts it. Throws Failure, which names the key and the program, when it cannot be; then nothing of it runs.
    explicit RunningProgram(AdminProgram program);
    ~RunningProgram(); ///< one whose end nobody has waited for is ended; only logged when that fails
    RunningProgram(const RunningProgram &) = delete;
    RunningProgram &operator=(const RunningProgram &) = delete;

    using Moment = std::chrono::steady_clock::time_point;
    /// Waits for this line on its standard output, and returns when it came; its other lines go to our standard error, as its complaints do. Nothing: it
    /// ended before, or `until` has passed. Throws Cancelled.
    [[nodiscard]] std::optional<Moment> await_line(std::string_view line, Moment until, const StopRequest &stop);
    /// Whether its first process is there at this instant: the kernel says so, and tells us before anybody else knows of its end. Once a line was awaited.
    [[nodiscard]] bool is_there() const;
    [[nodiscard]] const std::string &last_words() const noexcept { return complaints_.last(); }

    /// Waits for its end, for at most so long from now on, and throws as run() does: what goes on then is ended. A stop is not heard for as long as it is to be
    /// `undisturbed`: it may be about to end by itself. At most once.
    void finish(std::chrono::seconds at_most, const StopRequest *stop, std::chrono::seconds undisturbed = {});
    void finish(std::chrono::seconds at_most, const StopRequest *stop, std::chrono::seconds undisturbed, const Child::Sink &output);

private:
    AdminProgram program_;
    ProgramWords complaints_, said_;
    Moment began_ = std::chrono::steady_clock::now();
    Child starter_; ///< systemd-run, whose end tells of the program's
    Fd first_process_; ///< a pidfd
    bool over_ = false;
};

/// Ends what runs of it: what a killed run has started, and a unit that stays active. Nothing does: fine. Throws Failure when it goes on.
void end(const AdminProgram &program);
/// The same for whatever has a number under that key, however many there are.
void end_numbered(const std::string &what, const std::string &instance);

} // namespace igotchuu
