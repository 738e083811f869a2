// SPDX-License-Identifier: MIT
#include "job/wait.hpp"

#include <algorithm>
#include <charconv>
#include <format>
#include <ranges>

namespace igotchuu
{

namespace
{

/// Digits only, all of `text`.
std::optional<int> number(std::string_view text, int most)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
    return digits && error == std::errc{} && end == text.data() + text.size() && value <= most ? std::optional{value}
                                                                                               : std::nullopt;
}

std::optional<std::chrono::minutes> parse_time(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':')
        return {};
    const auto hour = number(text.substr(0, 2), 23), minute = number(text.substr(3), 59);
    if (!hour || !minute)
        return {};
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

bool is_host(std::string_view text)
{
    return !text.empty() && text.size() <= 253 &&
           std::ranges::none_of(text, [](char c) { return c == '/' || c == '@' || c == ' '; });
}

} // namespace

Wait wait_of(const Values &values)
{
    const auto texts = [&](std::string_view key) {
        const auto found = values.find(key);
        return found == values.end() ? std::vector<Text>{} : found->second.texts;
    };
    const auto number = [&](std::string_view key) {
        const auto found = values.find(key);
        return found == values.end() ? std::int64_t{0} : found->second.number;
    };
    Wait wait{.mains_power = number("wait.mains-power") != 0,
              .unmetered = number("wait.unmetered") != 0,
              .hosts = {},
              .mounted = {},
              .hours = {},
              .load = static_cast<std::uint32_t>(number("wait.load")),
              .latest = std::chrono::hours{number("wait.latest-hours")}};
    std::ranges::transform(texts("wait.hosts"), std::back_inserter(wait.hosts), &Text::text);
    std::ranges::transform(texts("wait.mounted"), std::back_inserter(wait.mounted), &Text::text);
    for (const auto &[text, place] : texts("wait.hours"))
        wait.hours = text;
    for (const auto &[text, place] : texts("wait.then"))
        wait.then_run = text == after_waiting.front();
    return wait;
}

void check_wait(const Values &values, const Job &job, std::vector<Diagnostic> &faults)
{
    const auto check = [&](std::string_view key, auto fits, std::string_view wanted) {
        const auto found = values.find(key);
        if (found == values.end())
            return;
        for (const auto &[text, place] : found->second.texts)
            if (!fits(text))
                faults.push_back(place.says(std::format("{}: \"{}\" is not {}", key, text, wanted)));
    };
    check("wait.hosts", parse_endpoint, "HOST:PORT");
    check("wait.hours", parse_hours, "a part of the day, like \"22:00-06:30\"");
    const auto is_long_enough = [](std::string_view text) {
        const auto hours = parse_hours(text);
        return !hours || hours->length() >= shortest_hours;
    };
    check("wait.hours", is_long_enough, std::format("at least {} long: a run that waits might not look in time", shortest_hours));
    const auto then = values.find("wait.then");
    if (then != values.end() && !then->second.place.file.empty() && job.wait.latest == std::chrono::hours{0})
        faults.push_back(then->second.place.says("wait.then: without the key wait.latest-hours a run waits for ever"));
}

std::chrono::minutes Hours::length() const
{
    using std::chrono::days;
    return from < to ? to - from : to - from + days{1};
}

bool Hours::contain(std::chrono::minutes now) const
{
    return from < to ? from <= now && now < to : from <= now || now < to;
}

std::optional<Hours> parse_hours(std::string_view text)
{
    const auto dash = text.find('-');
    if (dash == std::string_view::npos)
        return {};
    const auto from = parse_time(text.substr(0, dash)), to = parse_time(text.substr(dash + 1));
    return from && to ? std::optional{Hours{*from, *to}} : std::nullopt;
}

std::optional<Endpoint> parse_endpoint(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return {};
    const auto port = number(text.substr(colon + 1), 65'535);
    auto host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    if (!port || *port == 0 || !is_host(host) || (host.contains(':') && !bracketed))
        return {};
    return Endpoint{std::string{host}, std::to_string(*port)};
}

} // namespace igotchuu
