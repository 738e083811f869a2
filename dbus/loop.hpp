// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <sdbus-c++/IConnection.h>
#include <systemd/sd-event.h>

namespace igotchuu
{

/// sd-event(3) for callbacks that throw: what one throws ends the loop, and run() throws it on. sdbus-c++'s own attachSdEventLoop() lets exceptions
/// pass through libsystemd's frames: when the bus went away, that was an abort (2.1.0).
class Loop
{
public:
    using Callback = std::move_only_function<void()>;
    struct Watch; ///< an event source with its callback
    using Source =
        std::unique_ptr<Watch>; ///< the callback is not called any more once this is gone; a callback may let go of its own

    Loop();
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    [[nodiscard]] Source when_readable(int descriptor, Callback callback);
    [[nodiscard]] Source after(std::chrono::microseconds delay, Callback callback); ///< once
    /// For a callback of the bus, where sdbus-c++ loses what is thrown: here it ends the loop as well.
    void call(Callback callback) { guarded(callback); }
    /// Serves `bus` in this loop, which must end before it does. Its end, or a failure of it, ends the loop.
    void attach(sdbus::IConnection &bus);

    /// Until SIGTERM or SIGINT, or until nothing has happened for `patience` and `may_end` agrees: then `ending` is called once, and what has come meanwhile
    /// is served before this returns. Throws what a callback threw.
    void run(std::chrono::microseconds patience, const std::function<bool()> &may_end, const std::function<void()> &ending);

private:
    friend Watch;
    struct Unref {
        void operator()(sd_event *event) const noexcept { sd_event_unref(event); }
    };
    struct Bus;

    int guarded(Callback &callback) noexcept;

    std::unique_ptr<sd_event, Unref> event_;
    std::unique_ptr<Bus> bus_;
    std::exception_ptr thrown_;
};

struct Loop::Watch {
    Watch(Loop &in, Callback called) : loop{in}, callback{std::move(called)} {}
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;
    ~Watch() { sd_event_source_disable_unref(source); }

    Loop &loop;
    Callback callback;
    sd_event_source *source = nullptr;
};

} // namespace igotchuu
