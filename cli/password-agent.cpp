// SPDX-License-Identifier: MIT
#include "cli/password-agent.hpp"

#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace igotchuu
{

PasswordAgent::PasswordAgent()
{
    if (geteuid() == 0 || !somebody_is_there())
        return;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0)
        fail(errno, "cannot make a pipe");
    const Fd ready{ends[0]};
    {
        const Fd notifies{ends[1]};
        try {
            // no --fallback: without a session of logind, as after su(1), polkit asks no such agent (tried, 126)
            process_ = start_program({"pkttyagent", "--notify-fd", std::to_string(notifies.get())}, notifies.get());
        } catch (const std::system_error &) { // polkit says that it may not ask
            return;
        }
    }
    constexpr int longest = 2'000; // ms
    pollfd polled{ready.get(), POLLIN, 0};
    poll(&polled, 1, longest); // it closes the descriptor when it is there, and when it ends
}

PasswordAgent::~PasswordAgent()
{
    if (process_ < 0)
        return;
    kill(process_, SIGTERM);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace igotchuu
