// SPDX-License-Identifier: MIT
#include "cli/changes.hpp"

#include "cli/systemd.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <string_view>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

/// So often is looked, when nothing tells of a unit's changes.
constexpr milliseconds without_bus{250};

/// On systemd's own socket a signal has no sender; and whoever sends one without a cause brings about a look, and no more.
constexpr std::array rules{
    "type='signal',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',path_namespace='/org/freedesktop/"
    "systemd1/unit'",
    "type='signal',path_namespace='/com/nyantec/igotchuu'",
};

} // namespace

Changes::Changes(const StateDirectories &where) : inotify_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)}
{
    if (!inotify_)
        fail(errno, "cannot watch {}", where.activity.native());
    for (const auto &directory : {where.activity, where.records}) // whoever may not read one hears igotchuud
        static_cast<void>(inotify_add_watch(inotify_.get(), directory.c_str(), IN_ONLYDIR | IN_MOVED_TO | IN_DELETE));
    listen();
}

void Changes::listen()
try {
    matches_.clear();
    bus_ = connect_to_systemd();
    for (const auto *const rule : rules)
        matches_.push_back(bus_->addMatch(
            rule,
            [this](const sdbus::Message &message) {
                if (std::string_view{message.getPath()}.contains("igotchuu")) // else it is a unit of somebody else's
                    came_ = true;
            },
            sdbus::return_slot));
    subscribe_to_systemd(*bus_);
} catch (const sdbus::Error &) {
    matches_.clear();
    bus_.reset();
}

/// What has come in by the bus. One that was lost may have had something to tell.
void Changes::hear()
{
    if (!bus_)
        return listen();
    try {
        while (bus_->processPendingEvent())
            ;
    } catch (const sdbus::Error &) {
        came_ = true;
        listen();
    }
}

/// Whether there has been one.
bool Changes::take()
{
    hear();
    std::array<char, 4096> events;
    while (read(inotify_.get(), events.data(), events.size()) > 0)
        came_ = true;
    return std::exchange(came_, false);
}

void Changes::wait(int stop, steady_clock::time_point latest)
{
    while (!take()) {
        const auto left = duration_cast<milliseconds>(latest - steady_clock::now());
        if (left <= 0ms)
            return;
        std::array<pollfd, 3> polled{{{stop, POLLIN, 0}, {inotify_.get(), POLLIN, 0}, {-1, 0, 0}}};
        auto timeout = static_cast<int>(std::min<milliseconds::rep>(left.count(), bus_ ? INT_MAX : without_bus.count()));
        if (bus_) {
            const auto wanted = bus_->getEventLoopPollData();
            polled[2] = {wanted.fd, wanted.events, 0};
            if (const auto its = wanted.getPollTimeout(); its >= 0)
                timeout = std::min(timeout, its);
        }
        if (poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR)
            fail(errno, "cannot wait for changes");
        if (polled[0].revents != 0 || !bus_)
            return;
    }
}

} // namespace igotchuu
