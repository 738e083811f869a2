// SPDX-License-Identifier: MIT
#include "cli/exec-process.hpp"

#include "cli/spawn.hpp"
#include "job/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

struct Pipe {
    Pipe()
    {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) < 0)
            fail(errno, "cannot make a pipe");
        read = Fd{ends[0]};
        write = Fd{ends[1]};
    }
    Fd read, write;
};

} // namespace

ExecProcess::ExecProcess(const std::vector<std::string> &arguments, const StopSignals &stop) : stop_{stop}
{
    constexpr const char *program = IGOTCHUU_EXEC;
    std::signal(SIGPIPE, SIG_IGN); // that it has ended is seen by its exit status
    Pipe input, output;
    FileActions actions;
    sigset_t piped;
    sigemptyset(&piped);
    sigaddset(&piped, SIGPIPE); // which we ignore
    const Attributes attributes{piped};
    posix_spawn_file_actions_adddup2(&actions, input.read.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDOUT_FILENO);
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    if (const auto error = posix_spawn(&process_, program, &actions, &attributes, arguments_of(words).data(), environ); error != 0)
        fail(error, "cannot start {}", program);
    input_ = std::move(input.write);
    output_ = std::move(output.read);
}

ExecProcess::~ExecProcess()
{
    if (process_ < 0)
        return;
    try {
        static_cast<void>(wait());
    } catch (const std::exception &) { // it is PID 1's then
        return;
    }
}

void ExecProcess::hand_on_stop() noexcept
{
    kill(process_, SIGTERM); // a Ctrl-C it has heard itself; to hear of it twice does no harm
    stop_handed_on_ = true;
}

std::optional<std::string> ExecProcess::line()
{
    for (;;) {
        if (const auto end = read_.find('\n'); end != read_.npos) {
            auto line = read_.substr(0, end);
            explicit_bzero(read_.data(), end);
            read_.erase(0, end + 1);
            return line;
        }
        std::array<pollfd, 2> polled{{{output_.get(), POLLIN, 0}, {stop_handed_on_ ? -1 : stop_.fd(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            fail(errno, "cannot wait for {}", IGOTCHUU_EXEC);
        if (polled[1].revents != 0)
            hand_on_stop();
        if (polled[0].revents == 0)
            continue;
        std::array<char, 4096> buffer;
        const auto got = read(output_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno != EINTR)
            fail(errno, "cannot read what {} says", IGOTCHUU_EXEC);
        if (got == 0)
            return {};
        if (got > 0)
            read_.append(buffer.data(), static_cast<std::size_t>(got));
        explicit_bzero(buffer.data(), buffer.size());
    }
}

void ExecProcess::tell(std::string_view words)
{
    while (!words.empty()) {
        const auto written = write(input_.get(), words.data(), words.size());
        if (written < 0 && errno == EPIPE)
            return;
        if (written < 0)
            fail(errno, "cannot tell {}", IGOTCHUU_EXEC);
        words.remove_prefix(static_cast<std::size_t>(written));
    }
}

int ExecProcess::wait()
{
    end_input();
    while (line()) // to its end, with a stop handed on
        ;
    int status = 0;
    while (waitpid(process_, &status, 0) < 0)
        if (errno != EINTR)
            fail(errno, "cannot wait for {}", IGOTCHUU_EXEC);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace igotchuu
