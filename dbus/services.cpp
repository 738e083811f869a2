// SPDX-License-Identifier: MIT
#include "dbus/services.hpp"

#include "dbus/errors.hpp"
#include "job/unit-name.hpp"

#include <systemd/sd-bus.h>

#include <cstdlib>
#include <new>

namespace igotchuu
{
namespace
{

/// Answers with systemd's own answer.
Systemd::Then handed_on(const Answer<> &answer, const std::string &what)
{
    return [answer, what](const std::optional<sdbus::Error> &failure) {
        if (failure)
            answer->returnError(error::make(error::systemd_failed, "systemd does not {}: {}", what, failure->getMessage()));
        else
            answer->returnResults();
    };
}

void stop_if_it_runs(const Services &services, const JobName &job, const Answer<> &answer)
{
    const std::string unit = service_of(job.instance);
    services.systemd.active_state(unit, [&services, job, unit, answer](const std::string &state) {
        if (state != "inactive" && state != "failed")
            services.systemd.stop(unit, handed_on(answer, "stop " + unit));
        else if (services.runs.activity(job.instance) != nullptr)
            answer->returnError(error::make(error::not_running, "job {} runs, but not as {}: stop it where it was started", job.name, unit));
        else
            answer->returnError(error::make(error::not_running, "job {} does not run, so there is nothing to stop", job.name));
    });
}

} // namespace

sdbus::ObjectPath object_path(const std::string &instance)
{
    char *path = nullptr;
    if (sd_bus_path_encode("/com/nyantec/igotchuu/job", instance.c_str(), &path) < 0)
        throw std::bad_alloc{};
    const std::unique_ptr<char, decltype([](char *text) { std::free(text); })> owner{path}; // NOLINT(cppcoreguidelines-no-malloc)
    return sdbus::ObjectPath{path};
}

void start(const Services &services, const JobName &job, Right right, const Answer<> &answer)
{
    services.authorization.ask(Caller::of_current_call(services.bus), right, job.name, [&services, job, answer](const std::optional<sdbus::Error> &refused) {
        const std::string unit = service_of(job.instance);
        if (refused)
            answer->returnError(*refused);
        else if (services.runs.activity(job.instance) != nullptr)
            answer->returnError(error::make(error::already_running, "job {} runs already; it can be watched at {}", job.name,
                                            static_cast<const std::string &>(object_path(job.instance))));
        else
            services.systemd.start(unit, handed_on(answer, "start " + unit));
    });
}

void stop(const Services &services, const JobName &job, Right right, const Answer<> &answer)
{
    services.authorization.ask(Caller::of_current_call(services.bus), right, job.name, [&services, job, answer](const std::optional<sdbus::Error> &refused) {
        if (refused)
            answer->returnError(*refused);
        else
            stop_if_it_runs(services, job, answer);
    });
}

} // namespace igotchuu
