// SPDX-License-Identifier: MIT
// igotchuud: what runs, on the bus. It keeps nothing but what it has told (announced.hpp): killed at any moment it costs nothing, and no backup
// waits for it.
#include "dbus/authorization.hpp"
#include "dbus/legacy.hpp"
#include "dbus/loop.hpp"
#include "dbus/manager.hpp"
#include "dbus/runs.hpp"
#include "dbus/services.hpp"
#include "dbus/systemd.hpp"
#include "job/exit-status.hpp"

#include <systemd/sd-daemon.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds patience{30}; ///< without anything to do
constexpr std::chrono::microseconds known_to_systemd = std::chrono::seconds{1};

// The one that its unit waits for last.
const sdbus::ServiceName names[] = {sdbus::ServiceName{"com.nyantec.IGotChuu"}, sdbus::ServiceName{"com.nyantec.igotchuu"}};

void start_again(sdbus::IConnection &bus)
{
    sdbus::createProxy(bus, sdbus::ServiceName{"org.freedesktop.DBus"}, sdbus::ObjectPath{"/org/freedesktop/DBus"})
        ->callMethod("StartServiceByName")
        .onInterface("org.freedesktop.DBus")
        .withArguments(static_cast<const std::string &>(std::ranges::begin(names)[0]), std::uint32_t{0})
        .dontExpectReply();
}

void serve()
{
    const auto bus = sdbus::createSystemBusConnection();
    Loop loop;
    Systemd systemd{*bus};
    Authorization authorization{*bus};

    std::optional<Legacy> legacy;
    std::optional<Manager> manager;
    Runs runs{loop,
              systemd,
              {
                  .began =
                      [&](const std::string &instance, const Activity &activity) {
                          legacy->began();
                          manager->job(instance).began(activity);
                      },
                  .progressed =
                      [&](const std::string &instance, const Activity &activity) {
                          legacy->progressed(instance, activity);
                          manager->job(instance).progressed(activity);
                      },
                  .ended =
                      [&](const std::string &instance, const Run &run) {
                          legacy->ended(instance, run);
                          manager->job(instance).ended(run);
                      },
                  .recorded = [&](const std::string &instance, const Record &record) { manager->job(instance).recorded(record); },
                  .unit_changed = [&](const std::string &instance) { manager->job(instance).unit_changed(); },
              }};
    const Services services{*bus, authorization, systemd, runs};
    legacy.emplace(services);
    manager.emplace(services);
    manager->load();
    systemd.when_reloaded([&] { manager->load(); });
    systemd.when_timers_change([&](const sdbus::ObjectPath &timer) { manager->timer_changed(timer); });

    for (const auto &name : names)
        bus->requestName(name);
    runs.begin();
    sd_notify(0, "READY=1");

    loop.attach(*bus);
    bool ends = false;
    loop.run(
        patience,
        [&] {
            return authorization.idle() && systemd.idle() && manager->idle() &&
                   (ends || (runs.idle() && !systemd.a_run_is_under_way()));
        },
        [&] {
            // in this order, or a call that comes meanwhile is lost: systemd starts us anew for it only when it knows that we end
            ends = true;
            sd_notify(0, "STOPPING=1");
            sd_notify_barrier(0, static_cast<std::uint64_t>(known_to_systemd.count()));
            for (const auto &name : names)
                bus->releaseName(name);
            // one that began before systemd knew found us here, and started nobody; its first word may come when we are gone
            if (systemd.a_run_is_under_way())
                start_again(*bus);
        });
}

} // namespace
} // namespace igotchuu

int main()
try {
    igotchuu::serve();
    return std::to_underlying(igotchuu::ExitStatus::success);
} catch (const std::exception &error) {
    std::fprintf(stderr, "igotchuud: %s\n", error.what());
    return std::to_underlying(igotchuu::ExitStatus::failed);
}
