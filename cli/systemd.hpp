// SPDX-License-Identifier: MIT
#pragma once

#include "cli/overview.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu
{

/// root by systemd's own socket, where no bus is needed and polkit has no say; others, or where that does not work, by the bus. Throws sdbus::Error.
[[nodiscard]] std::unique_ptr<sdbus::IConnection> connect_to_systemd();
/// From now on it sends its signals there. Throws sdbus::Error.
void subscribe_to_systemd(sdbus::IConnection &bus);

/// systemd, as org.freedesktop.systemd1(5) has it.
/// Everything throws sdbus::Error when systemd is not there, or silent for some seconds.
class Systemd
{
public:
    Systemd();

    struct Unit {
        std::string name, load_state, active_state, sub_state;
        bool has_job = false; ///< it is about to be started or stopped
        sdbus::ObjectPath object;
    };
    /// Those that are loaded and whose names match one of `patterns`.
    [[nodiscard]] std::vector<Unit> units(const std::vector<std::string> &patterns);
    [[nodiscard]] std::string invocation_id(const Unit &unit); ///< 32 hexadecimal digits; of the run before, when none is under way
    [[nodiscard]] std::pair<std::string, std::string> origin(const Unit &unit); ///< FragmentPath, UnitFileState
    [[nodiscard]] bool has_run(const Unit &unit); ///< it was active at some time
    /// From when until when it was last active; the epoch: never.
    [[nodiscard]] std::pair<Clock::time_point, Clock::time_point> last_active(const Unit &unit);
    /// Of each of these timers: when it starts what it starts next, and when it last did. In one go.
    [[nodiscard]] std::vector<Schedule> schedules(const std::vector<Unit> &timers);

    // For root alone. They return when systemd has taken that on.
    void start(const std::string &unit);
    void restart(const std::string &unit); ///< also of one that waits for its next try: a start would be kept until then
    void stop(const std::string &unit);
    void reset_failed(const std::string &unit);
    void reload();

private:
    template <typename Kind>
    [[nodiscard]] Kind property(const Unit &unit, const char *name);
    template <typename... Arguments>
    void call(const char *method, const Arguments &...arguments);

    std::unique_ptr<sdbus::IConnection> bus_;
    std::unique_ptr<sdbus::IProxy> manager_;
};

} // namespace igotchuu
