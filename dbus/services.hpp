// SPDX-License-Identifier: MIT
#pragma once

#include "dbus/authorization.hpp"
#include "dbus/runs.hpp"
#include "dbus/systemd.hpp"

#include <memory>
#include <sdbus-c++/sdbus-c++.h>
#include <string>

namespace igotchuu
{

/// What the objects on the bus are made of; it outlives them.
struct Services {
    sdbus::IConnection &bus;
    Authorization &authorization;
    Systemd &systemd;
    Runs &runs;
};

/// How a method call is answered, once. sdbus-c++ keeps handlers in std::function, which copies them, and a Result can only be moved.
template <typename... Results>
using Answer = std::shared_ptr<sdbus::Result<Results...>>;
template <typename... Results>
[[nodiscard]] Answer<Results...> answer_with(sdbus::Result<Results...> &&result)
{
    return std::make_shared<sdbus::Result<Results...>>(std::move(result));
}

inline constexpr auto root_path = "/com/nyantec/igotchuu";

/// A job as a caller names it, and as systemd does.
struct JobName {
    std::string name; ///< valid for the bus
    std::string instance;
};

/// Its name, or its instance where that name is not valid for the bus: what polkit's rules see, too.
[[nodiscard]] JobName job_on_bus(const std::string &name, const std::string &instance);

/// "/com/nyantec/igotchuu/job/INSTANCE", sd_bus_path_encode(3).
[[nodiscard]] sdbus::ObjectPath object_path(const std::string &instance);

/// What Start and Stop of any interface do, in the handler of their call.
void start(const Services &services, const JobName &job, Right right, const Answer<> &answer);
void stop(const Services &services, const JobName &job, Right right, const Answer<> &answer);

/// Once it is known that the caller may: `then` gets NotRunning where the job's unit does not run, or what systemd said.
void stop_unit(const Services &services, const JobName &job, Systemd::Then then);

} // namespace igotchuu
