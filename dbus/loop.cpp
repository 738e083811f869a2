// SPDX-License-Identifier: MIT
#include "dbus/loop.hpp"

#include "job/error.hpp"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <format>
#include <sdbus-c++/Error.h>
#include <sys/epoll.h>

namespace igotchuu
{
namespace
{

void must(int result, const char *what)
{
    if (result < 0)
        fail(-result, "cannot {}", what);
}

} // namespace

/// The descriptor of the bus, its own wake-up, and the time at which it wants to be called: sd_bus_get_fd(3).
struct Loop::Bus {
    sdbus::IConnection &connection;
    Source input, wake_up, time;

    void process() const
    try {
        while (connection.processPendingEvent()) {
        }
    } catch (const sdbus::Error &error) {
        throw Failure{std::format("the bus has gone away ({}); systemd starts igotchuud again", error.getMessage())};
    }
    void prepare() const
    {
        const auto wanted = connection.getEventLoopPollData();
        must(sd_event_source_set_io_events(input->source, static_cast<std::uint32_t>(wanted.events)), "watch the bus");
        const bool timed = wanted.timeout != std::chrono::microseconds::max();
        if (timed)
            must(sd_event_source_set_time(time->source, static_cast<std::uint64_t>(wanted.timeout.count())), "time the bus");
        must(sd_event_source_set_enabled(time->source, timed ? SD_EVENT_ONESHOT : SD_EVENT_OFF), "time the bus");
    }
};

Loop::Loop()
{
    sd_event *event = nullptr;
    must(sd_event_new(&event), "make an event loop");
    event_.reset(event);
    must(sd_event_set_signal_exit(event, 1), "wait for signals");
}

Loop::~Loop() = default;

int Loop::guarded(Callback &callback) noexcept
try {
    callback();
    return 0;
} catch (...) {
    thrown_ = std::current_exception();
    return sd_event_exit(event_.get(), EXIT_FAILURE);
}

Loop::Source Loop::when_readable(int descriptor, Callback callback)
{
    auto watch = std::make_unique<Watch>(*this, std::move(callback));
    const auto called = [](sd_event_source *, int, std::uint32_t, void *of) {
        auto &self = *static_cast<Watch *>(of);
        return self.loop.guarded(self.callback);
    };
    must(sd_event_add_io(event_.get(), &watch->source, descriptor, EPOLLIN, called, watch.get()), "watch a descriptor");
    return watch;
}

Loop::Source Loop::after(std::chrono::microseconds delay, Callback callback)
{
    auto watch = std::make_unique<Watch>(*this, std::move(callback));
    const auto called = [](sd_event_source *, std::uint64_t, void *of) {
        auto &self = *static_cast<Watch *>(of);
        auto once = std::move(self.callback); // it may let go of this source
        return self.loop.guarded(once);
    };
    must(sd_event_add_time_relative(event_.get(), &watch->source, CLOCK_MONOTONIC, static_cast<std::uint64_t>(delay.count()), 0,
                                    called, watch.get()),
         "wait");
    return watch;
}

void Loop::attach(sdbus::IConnection &bus)
{
    bus_ = std::make_unique<Bus>(bus);
    const auto wanted = bus.getEventLoopPollData();
    bus_->input = when_readable(wanted.fd, [this] { bus_->process(); });
    bus_->wake_up = when_readable(wanted.eventFd, [this] { bus_->process(); });

    bus_->time = std::make_unique<Watch>(*this, [this] { bus_->process(); });
    const auto timed = [](sd_event_source *, std::uint64_t, void *of) {
        auto &self = *static_cast<Watch *>(of);
        return self.loop.guarded(self.callback);
    };
    must(sd_event_add_time(event_.get(), &bus_->time->source, CLOCK_MONOTONIC, 0, 0, timed, bus_->time.get()), "wait for the bus");

    const auto prepare = [](sd_event_source *, void *of) {
        Loop &loop = static_cast<Watch *>(of)->loop;
        Callback callback = [&loop] { loop.bus_->prepare(); };
        return loop.guarded(callback);
    };
    must(sd_event_source_set_prepare(bus_->input->source, prepare), "watch the bus");
}

void Loop::run(std::chrono::microseconds patience, const std::function<bool()> &may_end, const std::function<void()> &ending)
{
    bool ended = false;
    while (sd_event_get_state(event_.get()) != SD_EVENT_FINISHED) {
        const int happened = sd_event_run(event_.get(), ended && may_end() ? 0 : static_cast<std::uint64_t>(patience.count()));
        must(happened, "wait for events");
        if (happened > 0 || !may_end())
            continue;
        if (ended)
            return;
        ending();
        ended = true;
    }
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, nullptr));
}

} // namespace igotchuu
