// SPDX-License-Identifier: MIT
#include "exec/stop.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

namespace igotchuu
{

namespace
{

/// A blocked signal is queued even where it is ignored: without this look, a run under nohup(1) would end with its terminal.
bool hangup_stops()
{
    struct sigaction action{};
    if (sigaction(SIGHUP, nullptr, &action) < 0)
        fail(errno, "cannot ask for the handling of SIGHUP");
    return action.sa_handler != SIG_IGN;
}

} // namespace

StopRequest::StopRequest()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (hangup_stops())
        sigaddset(&signals, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &signals, nullptr) < 0)
        fail(errno, "cannot block the stop signals");
    fd_ = Fd{signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd_)
        fail(errno, "cannot make a signalfd for the stop signals");
}

StopRequest StopRequest::never()
{
    Fd silent{eventfd(0, EFD_CLOEXEC)};
    if (!silent)
        fail(errno, "cannot make an eventfd");
    return StopRequest{std::move(silent)};
}

bool StopRequest::asked() const
{
    pollfd polled{fd(), POLLIN, 0};
    return poll(&polled, 1, 0) > 0;
}

void StopRequest::check() const
{
    if (asked())
        throw Cancelled{};
}

} // namespace igotchuu
