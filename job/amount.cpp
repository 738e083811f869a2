// SPDX-License-Identifier: MIT
#include "job/amount.hpp"

#include <array>
#include <ctime>
#include <format>

namespace igotchuu
{
namespace
{

using std::chrono::microseconds;

/// "2 h 5 min"; the small part is left out when it is 0.
std::string two_parts(std::int64_t small, std::int64_t small_in_large, std::string_view large_unit, std::string_view small_unit)
{
    const std::string text = std::format("{} {}", small / small_in_large, large_unit);
    const std::int64_t rest = small % small_in_large;
    return rest == 0 ? text : std::format("{} {} {}", text, rest, small_unit);
}

} // namespace

std::string number_text(std::uint64_t number)
{
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > 3; place -= 3)
        text.insert(place - 3, ",");
    return text;
}

std::string bytes_text(std::uint64_t bytes)
{
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return std::format("{} B", bytes);
    double amount = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (amount >= 1023.5 && unit + 1 < units.size()) { // 1023.5 would be rounded to 1024
        amount /= 1024;
        ++unit;
    }
    return amount < 99.95 ? std::format("{:.1f} {}", amount, units[unit]) : std::format("{:.0f} {}", amount, units[unit]);
}

std::string duration_text(microseconds duration)
{
    using namespace std::chrono;
    const double milliseconds = static_cast<double>(duration.count()) / 1e3;
    if (milliseconds < 9.95)
        return std::format("{:.1f} ms", milliseconds);
    if (milliseconds < 999.5)
        return std::format("{:.0f} ms", milliseconds);
    if (milliseconds < 9950)
        return std::format("{:.1f} s", milliseconds / 1e3);
    const auto whole = round<seconds>(duration);
    if (whole < 1min)
        return std::format("{} s", whole.count());
    if (whole < 1h)
        return two_parts(whole.count(), 60, "min", "s");
    const auto whole_minutes = round<minutes>(duration);
    if (whole_minutes < 24h)
        return two_parts(whole_minutes.count(), 60, "h", "min");
    return two_parts(round<hours>(duration).count(), 24, "d", "h");
}

std::string time_left_text(std::chrono::seconds left)
{
    using namespace std::chrono;
    return left < 1min ? std::format("{} s", left.count()) : duration_text(ceil<minutes>(left));
}

std::string time_text(std::chrono::system_clock::time_point time)
{
    const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm parts{};
    std::array<char, 32> text{};
    if (!localtime_r(&seconds, &parts) || std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts) == 0)
        return std::format("second {}", seconds); // of no year that fits
    return text.data();
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many)
{
    return std::format("{} {}", number_text(count), count == 1 ? one : many);
}

} // namespace igotchuu
