// SPDX-License-Identifier: MIT
#include "dbus/services.hpp"

#include "dbus/errors.hpp"
#include "job/diagnostic.hpp"
#include "job/unit-name.hpp"

#include <utility>

namespace igotchuu
{
namespace
{

/// systemd's own answer, to whoever asked it to do `what`.
Systemd::Then handed_on(Systemd::Then then, const std::string &what)
{
    return [then = std::move(then), what](const std::optional<sdbus::Error> &failure) {
        then(failure ? std::optional{error::make(error::systemd_failed, "systemd does not {}: {}", what, failure->getMessage())}
                     : std::nullopt);
    };
}

Systemd::Then answered_with(const Answer<> &answer)
{
    return [answer](const std::optional<sdbus::Error> &failure) {
        if (failure)
            answer->returnError(*failure);
        else
            answer->returnResults();
    };
}

/// systemd keeps the start of a unit that waits for its next try until then (257: service_start), and igotchuud may not ask it for a restart: so it ends the waiting
/// first, which takes PID 1 a round of its loop or two.
void start_when_over(const Services &services, const std::string &unit, const Systemd::Then &then, int rounds = 100)
{
    services.systemd.active_state(unit, [&services, unit, then, rounds](const Systemd::Said<std::string> &state) {
        if (!state)
            then(state.error());
        else if (state != "inactive" && state != "failed" && rounds > 0)
            start_when_over(services, unit, then, rounds - 1);
        else
            services.systemd.start(unit, then);
    });
}
void start_before_its_next_try(const Services &services, const std::string &unit, const Systemd::Then &then)
{
    services.systemd.stop(unit, [&services, unit, then](const std::optional<sdbus::Error> &failure) {
        if (failure)
            then(failure);
        else
            start_when_over(services, unit, then);
    });
}

/// systemd takes the start of a unit that is not quite over for the one before, which has ended: nothing would run, and nobody would know.
void start_unless_it_runs(const Services &services, const JobName &job, const Answer<> &answer)
{
    const std::string unit = service_of(job.instance);
    const auto then = [&services, job,
                       told = handed_on(answered_with(answer), "start " + unit)](const std::optional<sdbus::Error> &failure) {
        if (!failure)
            services.runs.will_begin(job.instance);
        told(failure);
    };
    services.systemd.active_state(unit, [&services, job, unit, answer, then](const Systemd::Said<std::string> &state) {
        if (!state)
            then(state.error());
        else if (services.runs.activity(job.instance) != nullptr)
            answer->returnError(error::make(error::already_running, "job {} runs already; its progress is at {}", job.name,
                                            static_cast<const std::string &>(object_path(job.instance))));
        else if (services.runs.state(job.instance) == "waiting")
            start_before_its_next_try(services, unit, then);
        else if (state != "inactive" && state != "failed")
            answer->returnError(error::make(error::already_running,
                                            "job {} begins or ends just now; it can be started when its State is idle", job.name));
        else
            services.systemd.start(unit, then);
    });
}

} // namespace

JobName job_on_bus(const std::string &name, const std::string &instance)
{
    return {.name = name.empty() || printable(name) != name ? instance : name, .instance = instance};
}

sdbus::ObjectPath object_path(const std::string &instance)
{
    return encoded_path("/com/nyantec/igotchuu/job", instance);
}

void start(const Services &services, const JobName &job, Right right, const Answer<> &answer)
{
    services.authorization.ask(Caller::of_current_call(services.bus), right, job.name,
                               [&services, job, answer](const std::optional<sdbus::Error> &refused) {
                                   if (refused)
                                       answer->returnError(*refused);
                                   else
                                       start_unless_it_runs(services, job, answer);
                               });
}

void stop(const Services &services, const JobName &job, Right right, const Answer<> &answer)
{
    services.authorization.ask(Caller::of_current_call(services.bus), right, job.name,
                               [&services, job, answer](const std::optional<sdbus::Error> &refused) {
                                   if (refused)
                                       answer->returnError(*refused);
                                   else
                                       stop_unit(services, job, answered_with(answer));
                               });
}

void stop_unit(const Services &services, const JobName &job, Systemd::Then then)
{
    const std::string unit = service_of(job.instance);
    services.systemd.active_state(unit, [&services, job, unit, then = std::move(then)](const Systemd::Said<std::string> &state) {
        const auto stopped = handed_on(then, "stop " + unit);
        if (!state)
            stopped(state.error());
        else if (state != "inactive" && state != "failed")
            services.systemd.stop(unit, stopped);
        else if (services.runs.activity(job.instance) != nullptr)
            then(error::make(error::not_running, "job {} runs, but not as {}: stop it where it was started", job.name, unit));
        else
            then(error::make(error::not_running, "job {} does not run, so there is nothing to stop", job.name));
    });
}

} // namespace igotchuu
