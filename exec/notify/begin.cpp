// SPDX-License-Identifier: MIT
#include "exec/notify/begin.hpp"

#include "exec/unit-properties.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/state-files.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <format>

namespace igotchuu
{

namespace
{

/// Tells of changes of the states of runs.
class States
{
public:
    States() : fd_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)}
    {
        if (!fd_ || inotify_add_watch(fd_.get(), StateDirectories{}.activity.c_str(), IN_MOVED_TO | IN_DELETE) < 0)
            fail(errno, "cannot watch {}", StateDirectories{}.activity.native());
    }
    /// Until something has changed, a second has passed (what systemd alone knows tells nobody), or the stop was asked for.
    void wait(const StopRequest &stop)
    {
        std::array<pollfd, 2> polled{{{fd_.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), 1000) < 0 && errno != EINTR)
            fail(errno, "cannot wait for a run to begin");
        stop.check();
        std::array<char, 4096> events;
        while (::read(fd_.get(), events.data(), events.size()) > 0)
            ;
    }

private:
    Fd fd_;
};

} // namespace

std::optional<Happening> begun(const Subject &subject, const StopRequest &stop)
{
    States states;
    for (;; states.wait(stop)) {
        auto unit = unit_properties(subject.service(), "SubState,InvocationID,Job");
        const auto activity = read_activity({}, subject.instance);
        if (activity && activity->invocation_id == unit["InvocationID"] && activity->phase > Phase::lock)
            return Happening{.subject = subject,
                             .name = printable(activity->job),
                             .occasion = Occasion::start,
                             .outcome = "started",
                             .invocation_id = activity->invocation_id,
                             .sentence = std::format("Backup of {} has begun", printable(activity->job)),
                             .started = activity->started,
                             .ended = {},
                             .numbers = {}};
        const bool is_queued = !unit["Job"].empty() && unit["Job"] != "0"; // it waits for what it comes after
        const auto &state = unit["SubState"];
        if (state.starts_with("auto-restart") || (!state.starts_with("start") && state != "condition" && !is_queued))
            return {};
    }
}

} // namespace igotchuu
