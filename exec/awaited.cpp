// SPDX-License-Identifier: MIT
#include "exec/awaited.hpp"

#include "exec/ask-bus.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/mount-table.hpp"
#include "job/wait.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <format>
#include <fstream>
#include <memory>

namespace igotchuu
{
namespace
{

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds host_patience{5'000};

std::string word_of(const fs::path &file)
{
    std::ifstream stream{file};
    std::string word;
    stream >> word;
    return word;
}

/// As systemd's ConditionACPower=: a battery is drained, and no supply is online. Batteries of mice are none. Kernel: Documentation/ABI/testing/sysfs-class-power.
bool on_battery()
{
    bool drained = false;
    std::error_code none;
    for (const auto &supply : fs::directory_iterator{"/sys/class/power_supply", none}) {
        const auto type = word_of(supply.path() / "type");
        if ((type == "Mains" || type == "USB") && word_of(supply.path() / "online") == "1")
            return false;
        drained |=
            type == "Battery" && word_of(supply.path() / "scope") != "Device" && word_of(supply.path() / "status") == "Discharging";
    }
    return drained;
}

/// NetworkManager's NMMetered: 1 yes, 3 guessed yes. No NetworkManager: nobody knows, and nobody waits.
bool metered()
{
    std::uint32_t value = 0;
    try {
        ask_bus({"org.freedesktop.NetworkManager",
                 "/org/freedesktop/NetworkManager",
                 "org.freedesktop.DBus.Properties",
                 "Get",
                 {"org.freedesktop.NetworkManager", "Metered"}},
                "ask NetworkManager whether the network is metered",
                [&](sd_bus_message *message) { return sd_bus_message_read(message, "v", "u", &value); });
    } catch (const std::system_error &) {
        return false;
    }
    return value == 1 || value == 3;
}

bool connects(const addrinfo &address)
{
    const Fd socket{::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol)};
    if (!socket)
        return false;
    if (connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0)
        return true;
    pollfd wait{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    if (errno != EINPROGRESS || poll(&wait, 1, static_cast<int>(host_patience.count())) != 1)
        return false;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool answers(const std::string &text)
{
    const auto place = parse_endpoint(text);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (!place || getaddrinfo(place->host.c_str(), place->port.c_str(), &hints, &found) != 0)
        return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all{found, freeaddrinfo};
    for (const auto *address = all.get(); address != nullptr; address = address->ai_next)
        if (connects(*address))
            return true;
    return false;
}

/// Whoever looks at an automount mounts it. The unit's own mounts, which show what is there anyway, do not count.
bool is_mounted(const std::string &path)
{
    static_cast<void>(Fd{open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)});
    const MountTable mounts;
    return std::ranges::any_of(mounts.all(), [&](const Mount &mount) {
        return mount.target == path && mount.type != "autofs" && !mounts.shows_the_same(mount);
    });
}

std::chrono::minutes wall_clock_now()
{
    const auto now = std::time(nullptr);
    std::tm parts{};
    if (!localtime_r(&now, &parts))
        fail(errno, "cannot break down the time {}", now);
    return std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min};
}

bool busy(std::uint32_t most)
{
    std::array<double, 1> load{};
    return getloadavg(load.data(), 1) == 1 && load.front() >= most;
}

} // namespace

std::string what_is_awaited(const Wait &wait)
{
    if (const auto hours = parse_hours(wait.hours); hours && !hours->contain(wall_clock_now()))
        return std::format("it is not between {}", wait.hours);
    if (wait.mains_power && on_battery())
        return "the machine runs on battery";
    if (wait.load > 0 && busy(wait.load))
        return std::format("the load is not below {}", wait.load);
    for (const auto &path : wait.mounted)
        if (!is_mounted(path))
            return std::format("nothing is mounted on {}", printable(path));
    if (wait.unmetered && metered())
        return "the network is metered";
    for (const auto &host : wait.hosts)
        if (!answers(host))
            return std::format("{} does not answer", printable(host));
    return {};
}

} // namespace igotchuu
