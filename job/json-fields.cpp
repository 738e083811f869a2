// SPDX-License-Identifier: MIT
#include "job/json-fields.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

namespace igotchuu::state_json
{

using std::chrono::microseconds;

const json &member(const json &object, const char *key)
{
    static const json nothing;
    if (!object.is_object())
        throw Malformed{};
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (!value.is_string())
        throw Malformed{};
    return value.get<std::string>();
}

std::string text_if_any(const json &object, const char *key)
{
    return member(object, key).is_null() ? std::string{} : text(object, key);
}

json bytes_to_json(const std::string &bytes)
try {
    json value = bytes;
    static_cast<void>(value.dump()); // throws for what is not UTF-8
    return value;
} catch (const json::type_error &) {
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

std::string bytes_from_json(const json &value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_array())
        throw Malformed{};
    std::string bytes;
    for (const json &byte : value) {
        if (!byte.is_number_unsigned() || byte.get<std::uint64_t>() > 0xff)
            throw Malformed{};
        bytes += static_cast<char>(byte.get<std::uint8_t>());
    }
    return bytes;
}

std::string bytes_if_any(const json &object, const char *key)
{
    const json &value = member(object, key);
    return value.is_null() ? std::string{} : bytes_from_json(value);
}

double fraction(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (value.is_null())
        return 0;
    if (!value.is_number())
        throw Malformed{};
    return value.get<double>();
}

bool flag(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (!value.is_null() && !value.is_boolean())
        throw Malformed{};
    return value.is_boolean() && value.get<bool>();
}

Clock::time_point time(const json &object, const char *key)
{
    // Clock counts nanoseconds: what it cannot hold would overflow
    constexpr auto latest = std::chrono::duration_cast<microseconds>(Clock::duration::max());
    const microseconds since_epoch{number<std::int64_t>(object, key)};
    if (since_epoch > latest || since_epoch < -latest)
        throw Malformed{};
    return Clock::time_point{since_epoch};
}

std::int64_t usec(Clock::time_point time)
{
    return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

std::int64_t usec(double seconds)
{
    return std::isfinite(seconds) && std::abs(seconds) < 1e10 ? std::llround(seconds * 1e6) : 0;
}

} // namespace igotchuu::state_json
