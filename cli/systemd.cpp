// SPDX-License-Identifier: MIT
#include "cli/systemd.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <cstdint>
#include <format>
#include <map>
#include <poll.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::chrono::seconds soon{5};
constexpr std::chrono::seconds patient{90}; // a daemon-reload with thousands of units

const sdbus::ServiceName service{"org.freedesktop.systemd1"};
const sdbus::ObjectPath manager_path{"/org/freedesktop/systemd1"};
const sdbus::InterfaceName manager_interface{"org.freedesktop.systemd1.Manager"};
constexpr auto properties_interface = "org.freedesktop.DBus.Properties";

// org.freedesktop.systemd1(5), ListUnitsByPatterns()
using UnitRow = sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string, sdbus::ObjectPath,
                              std::uint32_t, std::string, sdbus::ObjectPath>;
using CalendarRow = sdbus::Struct<std::string, std::string, std::uint64_t>;
using Properties = std::map<std::string, sdbus::Variant>;

/// systemd writes 0 or the largest number for "never".
std::optional<std::chrono::microseconds> time_in(const Properties &timer, const char *name)
{
    const auto found = timer.find(name);
    const auto value = found == timer.end() ? 0 : found->second.get<std::uint64_t>();
    if (value == 0 || value == UINT64_MAX)
        return {};
    return std::chrono::microseconds{value};
}

Schedule schedule_in(const Properties &timer)
{
    Schedule schedule{.state = Schedule::State::on};
    if (const auto next = time_in(timer, "NextElapseUSecRealtime"))
        schedule.next = Clock::time_point{*next};
    if (const auto next = time_in(timer, "NextElapseUSecMonotonic")) {
        const auto then = Clock::now() + (*next - std::chrono::steady_clock::now().time_since_epoch());
        const auto rounded = std::chrono::time_point_cast<Clock::duration>(then);
        schedule.next = schedule.next ? std::min(*schedule.next, rounded) : rounded;
    }
    const auto calendar = timer.find("TimersCalendar");
    schedule.never_again = !schedule.next && calendar != timer.end() && !calendar->second.get<std::vector<CalendarRow>>().empty();
    if (const auto last = time_in(timer, "LastTriggerUSec"))
        schedule.last = Clock::time_point{*last};
    schedule.last_is_stamped = schedule.last && !time_in(timer, "LastTriggerUSecMonotonic"); // systemd.timer(5), Persistent=
    return schedule;
}

} // namespace

std::unique_ptr<sdbus::IConnection> connect_to_systemd()
{
    if (geteuid() != 0)
        return sdbus::createSystemBusConnection();
    try {
        return sdbus::createDirectBusConnection("unix:path=/run/systemd/private"); // as systemctl(1) does
    } catch (const sdbus::Error &) {
        return sdbus::createSystemBusConnection();
    }
}

void subscribe_to_systemd(sdbus::IConnection &bus)
{
    sdbus::createProxy(bus, service, manager_path)->callMethod("Subscribe").onInterface(manager_interface).withTimeout(soon);
}

Systemd::Systemd() : bus_{connect_to_systemd()}, manager_{sdbus::createProxy(*bus_, service, manager_path)} {}

std::vector<Systemd::Unit> Systemd::units(const std::vector<std::string> &patterns)
{
    std::vector<UnitRow> rows;
    manager_->callMethod("ListUnitsByPatterns")
        .onInterface(manager_interface)
        .withTimeout(soon)
        .withArguments(std::vector<std::string>{}, patterns)
        .storeResultsTo(rows);
    std::vector<Unit> units;
    for (const auto &row : rows)
        units.push_back({row.get<0>(), row.get<2>(), row.get<3>(), row.get<4>(), row.get<7>() != 0, row.get<6>()});
    return units;
}

template <typename Kind>
Kind Systemd::property(const Unit &unit, const char *name)
{
    sdbus::Variant value;
    sdbus::createProxy(*bus_, service, unit.object)
        ->callMethod("Get")
        .onInterface(properties_interface)
        .withTimeout(soon)
        .withArguments("org.freedesktop.systemd1.Unit", name)
        .storeResultsTo(value);
    return value.get<Kind>();
}

std::string Systemd::invocation_id(const Unit &unit)
{
    std::string digits;
    for (const auto byte : property<std::vector<std::uint8_t>>(unit, "InvocationID"))
        digits += std::format("{:02x}", byte);
    return digits;
}

std::pair<std::string, std::string> Systemd::origin(const Unit &unit)
{
    return {property<std::string>(unit, "FragmentPath"), property<std::string>(unit, "UnitFileState")};
}

bool Systemd::has_run(const Unit &unit)
{
    return property<std::uint64_t>(unit, "ActiveEnterTimestamp") > 0;
}

std::pair<Clock::time_point, Clock::time_point> Systemd::last_active(const Unit &unit)
{
    const auto time = [&](const char *name) {
        return Clock::time_point{std::chrono::microseconds{property<std::uint64_t>(unit, name)}};
    };
    return {time("InactiveExitTimestamp"), time("InactiveEnterTimestamp")};
}

std::vector<Schedule> Systemd::schedules(const std::vector<Unit> &timers)
{
    std::vector<Schedule> schedules(timers.size());
    std::vector<std::unique_ptr<sdbus::IProxy>> proxies;
    auto open = timers.size();
    for (std::size_t at = 0; at < timers.size(); ++at) { // all questions first, since each answer takes its time
        proxies.push_back(sdbus::createProxy(*bus_, service, timers[at].object));
        proxies.back()
            ->callMethodAsync("GetAll")
            .onInterface(properties_interface)
            .withTimeout(soon)
            .withArguments("org.freedesktop.systemd1.Timer")
            .uponReplyInvoke([&, at](std::optional<sdbus::Error> error, const Properties &properties) {
                --open;
                if (!error)
                    schedules[at] = schedule_in(properties);
            });
    }
    while (open > 0) {
        if (bus_->processPendingEvent())
            continue;
        const auto wanted = bus_->getEventLoopPollData();
        pollfd polled{wanted.fd, wanted.events, 0};
        if (open > 0 && poll(&polled, 1, wanted.getPollTimeout()) < 0 && errno != EINTR)
            fail(errno, "cannot wait for systemd");
    }
    return schedules;
}

template <typename... Arguments>
void Systemd::call(const char *method, const Arguments &...arguments)
{
    manager_->callMethod(method).onInterface(manager_interface).withTimeout(patient).withArguments(arguments...);
}

void Systemd::start(const std::string &unit)
{
    call("StartUnit", unit, std::string{"replace"});
}

void Systemd::restart(const std::string &unit)
{
    call("RestartUnit", unit, std::string{"replace"});
}

void Systemd::stop(const std::string &unit)
{
    call("StopUnit", unit, std::string{"replace"});
}

void Systemd::reset_failed(const std::string &unit)
{
    call("ResetFailedUnit", unit);
}

void Systemd::reload()
{
    call("Reload");
}

} // namespace igotchuu
