// SPDX-License-Identifier: MIT
#include "cli/stop-signals.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>

namespace igotchuu
{

StopSignals::StopSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const auto one : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, one);
    fd_ = Fd{signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd_ || sigprocmask(SIG_BLOCK, &signals, nullptr) < 0)
        fail(errno, "cannot listen for signals");
}

bool StopSignals::came() const
{
    pollfd polled{fd(), POLLIN, 0};
    return poll(&polled, 1, 0) > 0;
}

} // namespace igotchuu
