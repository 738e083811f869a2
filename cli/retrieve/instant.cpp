// SPDX-License-Identifier: MIT
#include "cli/retrieve/instant.hpp"

#include "cli/job-names.hpp"
#include "cli/retrieve/stored.hpp"
#include "job/diagnostic.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <format>
#include <optional>
#include <string_view>
#include <time.h>

namespace igotchuu
{

namespace
{

constexpr auto remedy = "a time is \"2026-11-25\", \"2026-11-25 03:00\", \"03:00\", \"yesterday 18:00\", \"3 days ago\"";

/// Whatever of it is out of its range moves the others: the 32nd is the 1st.
Clock::time_point instant_of(std::tm parts)
{
    parts.tm_isdst = -1;
    return Clock::from_time_t(std::mktime(&parts));
}

std::tm local_now()
{
    const auto now = Clock::to_time_t(Clock::now());
    std::tm parts{};
    localtime_r(&now, &parts);
    return parts;
}

/// The number that a text begins with, which is taken off it.
std::optional<int> number_at(std::string_view &text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0)
        return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// "3 days ago", "3d".
std::optional<Clock::time_point> ago(std::string_view text)
{
    struct Unit {
        std::string_view name, abbreviation;
        int std::tm::*part;
        int factor = 1;
    };
    constexpr std::array units{Unit{"minute", "min", &std::tm::tm_min}, Unit{"hour", "h", &std::tm::tm_hour},
                               Unit{"day", "d", &std::tm::tm_mday},     Unit{"week", "w", &std::tm::tm_mday, 7},
                               Unit{"month", "M", &std::tm::tm_mon},    Unit{"year", "y", &std::tm::tm_year}};
    const auto number = number_at(text);
    if (!number || *number > 100'000)
        return {};
    if (text.ends_with(" ago"))
        text.remove_suffix(4);
    if (text.starts_with(' '))
        text.remove_prefix(1);
    for (const auto &unit : units) {
        if (text != unit.abbreviation && text != unit.name && text != std::format("{}s", unit.name))
            continue;
        auto parts = local_now();
        parts.*unit.part -= *number * unit.factor;
        return instant_of(parts);
    }
    return {};
}

/// "today …" and "yesterday …" with their dates.
std::string dated(const std::string &word)
{
    const auto date = [](int days_ago) {
        auto parts = local_now();
        parts.tm_mday -= days_ago;
        parts.tm_isdst = -1;
        std::mktime(&parts);
        return std::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    };
    for (const auto &[name, days_ago] : {std::pair{std::string_view{"today"}, 0}, {"yesterday", 1}})
        if (word == name || word.starts_with(std::format("{} ", name)))
            return date(days_ago) + word.substr(name.size());
    return word.size() > 2 && (word[1] == ':' || word[2] == ':') ? date(0) + ' ' + word : word;
}

/// The end of the day, minute or second of the wall clock that is written.
std::optional<Clock::time_point> end_of(const std::string &text)
{
    struct Form {
        const char *format;
        int std::tm::*last; ///< the smallest part of it
    };
    constexpr std::array forms{Form{"%Y-%m-%d", &std::tm::tm_mday}, Form{"%Y-%m-%d %H:%M", &std::tm::tm_min},
                               Form{"%Y-%m-%d %H:%M:%S", &std::tm::tm_sec}, Form{"%Y-%m-%dT%H:%M", &std::tm::tm_min},
                               Form{"%Y-%m-%dT%H:%M:%S", &std::tm::tm_sec}};
    for (const auto &form : forms) {
        std::tm parts{};
        const auto *const end = strptime(text.c_str(), form.format, &parts);
        if (end == nullptr || *end != '\0')
            continue;
        using namespace std::chrono;
        if (!year_month_day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon + 1)},
                            day{static_cast<unsigned>(parts.tm_mday)}}
                 .ok())
            return {};
        ++(parts.*form.last);
        return instant_of(parts) - Clock::duration{1};
    }
    return {};
}

/// "@SECONDS", since 1970.
std::optional<Clock::time_point> counted_seconds(const std::string &word)
{
    std::string_view text{word};
    if (!text.starts_with('@'))
        return {};
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > 9'000'000'000)
        return {};
    return Clock::from_time_t(seconds + 1) - Clock::duration{1};
}

std::optional<Clock::time_point> as_in_json(const std::string &word)
try {
    return time_from(word);
} catch (const Failure &) {
    return {};
}

} // namespace

Clock::time_point instant_from(const std::string &word)
{
    if (word == "now")
        return Clock::now();
    for (const auto &found : {end_of(dated(word)), ago(word), counted_seconds(word), as_in_json(word)})
        if (found)
            return *found;
    throw UsageError{std::format("\"{}\" is no time that can be understood ({})", printable(word, 100), remedy)};
}

} // namespace igotchuu
