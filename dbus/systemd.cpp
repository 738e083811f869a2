// SPDX-License-Identifier: MIT
#include "dbus/systemd.hpp"

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <format>
#include <map>
#include <tuple>

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds soon{1};
constexpr std::chrono::seconds patient{90}; // a daemon-reload with thousands of units

const sdbus::ServiceName service{"org.freedesktop.systemd1"};
const sdbus::ObjectPath manager_path{"/org/freedesktop/systemd1"};
constexpr auto units_path = "/org/freedesktop/systemd1/unit";
const sdbus::InterfaceName manager_interface{"org.freedesktop.systemd1.Manager"};
const sdbus::InterfaceName unit_interface{"org.freedesktop.systemd1.Unit"};
const sdbus::InterfaceName service_interface{"org.freedesktop.systemd1.Service"};
const sdbus::InterfaceName timer_interface{"org.freedesktop.systemd1.Timer"};

// org.freedesktop.systemd1(5), ListUnitsByPatterns()
using UnitRow = sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string, sdbus::ObjectPath,
                              std::uint32_t, std::string, sdbus::ObjectPath>;
using Job = sdbus::Struct<std::uint32_t, sdbus::ObjectPath>; ///< 0: there is none
using Properties = std::map<std::string, sdbus::Variant>;
using Text = std::unique_ptr<char, decltype([](char *text) { std::free(text); })>; // NOLINT(cppcoreguidelines-no-malloc)

std::string instance_in(const std::string &unit)
{
    const auto from = unit.find('@') + 1;
    return unit.substr(from, unit.rfind('.') - from);
}

/// What the service is of whose object has this path; nothing: it is another's.
std::optional<std::string> job_of(const char *path)
{
    char *decoded = nullptr;
    if (sd_bus_path_decode(path, units_path, &decoded) <= 0)
        return std::nullopt;
    const Text owner{decoded};
    const std::string unit{decoded};
    return unit.starts_with("igotchuu@") && unit.ends_with(".service") ? std::optional{instance_in(unit)} : std::nullopt;
}

/// The rule for what any unit says of itself.
std::string changes_of(const sdbus::InterfaceName &interface)
{
    return std::format("type='signal',sender='{}',path_namespace='{}',interface='org.freedesktop.DBus.Properties',"
                       "member='PropertiesChanged',arg0='{}'",
                       static_cast<const std::string &>(service), units_path, static_cast<const std::string &>(interface));
}

std::uint64_t microseconds(const auto &time_point)
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time_point.time_since_epoch()).count());
}

/// The earlier of both; systemd writes 0 or the largest number for "never".
std::uint64_t next_elapse_in(const Properties &timer)
{
    const auto of = [&timer](const char *name) {
        const auto found = timer.find(name);
        const auto value = found == timer.end() ? 0 : found->second.get<std::uint64_t>();
        return value == UINT64_MAX ? 0 : value;
    };
    std::uint64_t next = of("NextElapseUSecRealtime");
    if (std::uint64_t monotonic = of("NextElapseUSecMonotonic"); monotonic != 0) {
        monotonic += microseconds(std::chrono::system_clock::now()) - microseconds(std::chrono::steady_clock::now());
        next = next == 0 ? monotonic : std::min(next, monotonic);
    }
    return next;
}

std::vector<UnitRow> services_of_jobs(sdbus::IProxy &manager)
{
    std::vector<UnitRow> rows;
    manager.callMethod("ListUnitsByPatterns")
        .onInterface(manager_interface)
        .withTimeout(soon)
        .withArguments(std::vector<std::string>{}, std::vector<std::string>{"igotchuu@*.service"})
        .storeResultsTo(rows);
    return rows;
}

/// What has a job waits for another unit: that is the begin of it, for whoever minds what runs.
std::string state_with(std::uint32_t job, const std::string &active_state)
{
    return job != 0 && Systemd::Unit{.active_state = active_state}.over() ? "activating" : active_state;
}
std::string state_of(const UnitRow &unit)
{
    return state_with(unit.get<7>(), unit.get<3>());
}
bool is_busy(const UnitRow &unit)
{
    return !Systemd::Unit{.active_state = state_of(unit)}.over();
}
bool waits(const UnitRow &unit)
{
    return unit.get<4>() == "auto-restart"; // "auto-restart-queued" is the begin of the next try
}

/// One alone: all of them together hold the paths of the job, and whoever is allowed to listen to the bus would have them.
template <typename Kind>
Kind property(sdbus::IProxy &unit, const sdbus::InterfaceName &interface, const char *name)
{
    sdbus::Variant value;
    unit.callMethod("Get")
        .onInterface("org.freedesktop.DBus.Properties")
        .withTimeout(soon)
        .withArguments(static_cast<const std::string &>(interface), std::string{name})
        .storeResultsTo(value);
    return value.get<Kind>();
}

} // namespace

sdbus::ObjectPath encoded_path(const char *prefix, const std::string &name)
{
    char *path = nullptr;
    if (sd_bus_path_encode(prefix, name.c_str(), &path) < 0)
        throw std::bad_alloc{};
    const Text owner{path};
    return sdbus::ObjectPath{path};
}

bool is_about_no_unit(const sdbus::Error &error)
{
    return error.getName() == "org.freedesktop.systemd1.NoSuchUnit" ||
           error.getName() == "org.freedesktop.DBus.Error.UnknownObject";
}

Systemd::Systemd(sdbus::IConnection &bus) : bus_{bus}, manager_{sdbus::createProxy(bus, service, manager_path)}
{
    manager_->uponSignal("Reloading").onInterface(manager_interface).call([this](bool begins) {
        if (!begins && reloaded_)
            reloaded_();
    });
    manager_->callMethod("Subscribe").onInterface(manager_interface).withTimeout(soon);
}

void Systemd::start(const std::string &unit, Then then)
{
    call("StartUnit", {unit, "replace"}, std::move(then));
}
void Systemd::stop(const std::string &unit, Then then)
{
    call("StopUnit", {unit, "replace"}, std::move(then));
}
void Systemd::reset_failed(const std::string &unit, Then then)
{
    call("ResetFailedUnit", {unit}, std::move(then));
}
void Systemd::reload(Then then)
{
    call("Reload", {}, std::move(then));
}

void Systemd::ask(std::function<void()> question)
{
    if (under_way_ == under_way_max)
        return waiting_.push_back(std::move(question));
    ++under_way_;
    question();
}

void Systemd::answered()
{
    --under_way_;
    if (waiting_.empty())
        return;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    ask(next);
}

void Systemd::call(const char *method, const std::vector<std::string> &arguments, Then then)
{
    auto message = manager_->createMethodCall(manager_interface, sdbus::MethodName{method});
    for (const std::string &argument : arguments)
        message << argument;
    ask([this, message = std::move(message), then = std::move(then)] {
        manager_->callMethodAsync(
            message,
            [this, then](const sdbus::MethodReply &, const std::optional<sdbus::Error> &failure) {
                answered();
                then(failure);
            },
            std::chrono::microseconds{patient}.count());
    });
}

void Systemd::list_timers(const std::vector<std::string> &patterns, ThenWith<std::vector<Timer>> then)
{
    ask([this, patterns, then = std::move(then)] {
        manager_->callMethodAsync("ListUnitsByPatterns")
            .onInterface(manager_interface)
            .withTimeout(patient)
            .withArguments(std::vector<std::string>{}, patterns)
            .uponReplyInvoke([this, then](std::optional<sdbus::Error> failure, const std::vector<UnitRow> &rows) {
                answered();
                if (failure)
                    return then(std::unexpected{*failure});
                std::vector<Timer> timers;
                for (const UnitRow &row : rows)
                    timers.push_back({row.get<0>(), instance_in(row.get<0>()), row.get<3>(), row.get<2>(), row.get<6>()});
                then(timers);
            });
    });
}

sdbus::IProxy &Systemd::timer(const sdbus::ObjectPath &object)
{
    auto &proxy = timers_[object];
    if (!proxy)
        proxy = sdbus::createProxy(bus_, service, object);
    return *proxy;
}

void Systemd::timer_property(const sdbus::ObjectPath &object, const char *name, ThenWith<sdbus::Variant> then)
{
    ask([this, object, name, then = std::move(then)] {
        timer(object)
            .callMethodAsync("Get")
            .onInterface("org.freedesktop.DBus.Properties")
            .withTimeout(patient)
            .withArguments(static_cast<const std::string &>(unit_interface), std::string{name})
            .uponReplyInvoke([this, then](std::optional<sdbus::Error> failure, const sdbus::Variant &value) {
                answered();
                if (failure)
                    then(std::unexpected{*failure});
                else
                    then(value);
            });
    });
}

void Systemd::active_state(const std::string &unit, ThenWith<std::string> then)
{
    ask([this, unit, then = std::move(then)] {
        manager_->callMethodAsync("ListUnitsByNames")
            .onInterface(manager_interface)
            .withTimeout(patient)
            .withArguments(std::vector<std::string>{unit})
            .uponReplyInvoke([this, then](std::optional<sdbus::Error> failure, const std::vector<UnitRow> &rows) {
                answered();
                if (failure)
                    then(std::unexpected{*failure});
                else
                    then(rows.empty() ? "inactive" : state_of(rows.front()));
            });
    });
}

void Systemd::next_elapse(const sdbus::ObjectPath &object, std::function<void(std::uint64_t)> then)
{
    ask([this, object, then = std::move(then)] {
        timer(object)
            .callMethodAsync("GetAll")
            .onInterface("org.freedesktop.DBus.Properties")
            .withTimeout(patient)
            .withArguments(static_cast<const std::string &>(timer_interface))
            .uponReplyInvoke([this, then](std::optional<sdbus::Error> failure, const Properties &properties) {
                answered();
                if (!failure)
                    then(next_elapse_in(properties));
            });
    });
}

Systemd::Unit Systemd::unit(const std::string &name)
try {
    sdbus::ObjectPath object;
    manager_->callMethod("GetUnit").onInterface(manager_interface).withTimeout(soon).withArguments(name).storeResultsTo(object);
    const auto proxy = sdbus::createProxy(bus_, service, object);
    Unit unit{.active_state = property<std::string>(*proxy, unit_interface, "ActiveState")};
    for (const std::uint8_t byte : property<std::vector<std::uint8_t>>(*proxy, unit_interface, "InvocationID"))
        unit.invocation_id += std::format("{:02x}", byte);
    return unit;
} catch (const sdbus::Error &error) {
    if (is_about_no_unit(error))
        return {};
    throw;
}

std::optional<int> Systemd::exit_status(const std::string &service_unit)
try {
    const auto proxy = sdbus::createProxy(bus_, service, encoded_path(units_path, service_unit));
    if (property<std::int32_t>(*proxy, service_interface, "ExecMainCode") != CLD_EXITED)
        return std::nullopt;
    return property<std::int32_t>(*proxy, service_interface, "ExecMainStatus");
} catch (const sdbus::Error &error) {
    if (is_about_no_unit(error))
        return std::nullopt;
    throw;
}

bool Systemd::a_run_is_under_way()
try {
    return std::ranges::any_of(services_of_jobs(*manager_), [](const UnitRow &row) { return is_busy(row) && !waits(row); });
} catch (const sdbus::Error &) {
    return true;
}

std::vector<Systemd::Busy> Systemd::busy()
{
    std::vector<Busy> jobs;
    for (const UnitRow &row : services_of_jobs(*manager_))
        if (is_busy(row))
            jobs.push_back({.instance = instance_in(row.get<0>()), .waits = waits(row)});
    return jobs;
}

sdbus::Slot Systemd::watch_services(std::function<void(const std::string &, const std::string &)> changed)
{
    const auto told = [changed = std::move(changed)](sdbus::Message message) {
        const auto instance = job_of(message.getPath());
        if (!instance)
            return;
        std::string interface;
        Properties properties;
        message >> interface >> properties;
        const auto state = properties.find("ActiveState"), job = properties.find("Job");
        if (state != properties.end())
            changed(*instance,
                    state_with(job == properties.end() ? 0 : job->second.get<Job>().get<0>(), state->second.get<std::string>()));
    };
    return bus_.addMatchAsync(changes_of(unit_interface), told, {}, sdbus::return_slot); // without it the connection ends
}

void Systemd::when_timers_change(std::function<void(const sdbus::ObjectPath &)> changed)
{
    bus_.addMatch(changes_of(timer_interface),
                  [changed = std::move(changed)](const sdbus::Message &message) { changed(sdbus::ObjectPath{message.getPath()}); });
}

void Systemd::when_reloaded(std::function<void()> reloaded)
{
    reloaded_ = std::move(reloaded);
}

} // namespace igotchuu
