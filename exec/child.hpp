// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

/// A program to start: nothing is searched for, nothing is inherited but what stands here.
struct Command {
    std::vector<std::string> arguments; ///< the first is the program's absolute path
    std::vector<std::string> environment; ///< "NAME=value", all of it
    std::vector<int> inherited{}; ///< descriptors that the child has under the same numbers
    std::string directory = "/"; ///< that it starts in
    int input = -1; ///< the descriptor that is its standard input; -1: it has /dev/null
};

/// pipe(2). Neither end is inherited.
struct Pipe {
    Pipe(); ///< throws std::system_error
    Fd read, write;
};

/// How long a child may take. Its own time is its own, unless `at_most` says otherwise.
struct Patience {
    int stop = -1; ///< readable: the child is asked to end, by one SIGINT; -1: nobody can ask
    std::chrono::milliseconds grace{60'000}; ///< from that SIGINT to SIGKILL
    std::chrono::milliseconds at_most = std::chrono::milliseconds::max(); ///< from the start of wait() to SIGKILL
    std::chrono::milliseconds gone_within{
        10'000}; ///< from SIGKILL to the end of waiting: what waits in the kernel is there until that is done
    std::function<bool()> give_up{}; ///< asked once a second, where there is one: when it says true, the child is asked to end
    /// Told when a signal (SIGSTOP; SIGTTIN, where its ssh asks at a terminal) has put the child to a standstill. It is left so: somebody may want
    /// that. Only when it is asked to end it is woken first.
    std::function<void(pid_t process, int signal)> stands_still = [](pid_t, int) {};
};

struct ChildEnd {
    int status = 0; ///< what it exited with
    int signal = 0; ///< the signal that ended it; 0: it exited
    bool interrupted = false; ///< it was asked to end
    bool killed = false; ///< it had to be killed, since its time was up
    bool stuck =
        false; ///< it was killed, and is there all the same: it waits in the kernel, for a disk that does not answer. Nobody waits for it any more

    [[nodiscard]] bool succeeded() const noexcept { return signal == 0 && status == 0; }
};

/// A running program, held by a pidfd: in a process group of its own (a Ctrl-C of the terminal is ours to pass on), with default
/// signal handling and a pipe on each output. pidfd_spawn(3).
class Child
{
public:
    using Sink = std::function<void(std::string_view bytes)>;

    /// Throws std::system_error with the program's path; ENOENT and EACCES of the exec itself come here, too.
    explicit Child(const Command &command);
    ~Child(); ///< one that was not waited for is interrupted, and killed 10 s later
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    [[nodiscard]] pid_t process() const noexcept; ///< its number; -1 where the kernel does not say it, or it was waited for

    /// Reads both outputs until `enough` says so, which is asked at once and after each piece. False: the output has ended before, `until` has passed, or
    /// `stop` is readable. The child goes on; wait() comes later.
    bool read_until(const std::function<bool()> &enough, const Sink &output, const Sink &errors,
                    std::chrono::steady_clock::time_point until, int stop);

    /// Reads both outputs to their ends and waits for the exit; at most once. A child that closes its outputs and goes on is waited for. When
    /// it has exited and something that it left behind holds its outputs open, they get 5 s more.
    ChildEnd wait(const Sink &output, const Sink &errors, const Patience &patience);

private:
    void signal(int number) noexcept;
    void ask_to_end() noexcept;
    void look_for_standstill(const Patience &patience);
    ChildEnd reap();

    Fd pidfd_, output_, errors_;
};

} // namespace igotchuu
