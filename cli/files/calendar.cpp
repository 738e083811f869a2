// SPDX-License-Identifier: MIT
#include "cli/files/calendar.hpp"

#include "cli/program.hpp"
#include "job/schema.hpp"
#include "job/toml-values.hpp"

#include <chrono>
#include <format>
#include <system_error>

namespace igotchuu
{

bool is_calendar(const std::string &text)
try {
    constexpr std::chrono::seconds patience{10};
    const auto begun = std::chrono::steady_clock::now();
    const auto said =
        output_of_program({"systemd-analyze", "calendar", "--", text}, patience); // what it is normalized to, or nothing
    return !said.empty() || std::chrono::steady_clock::now() - begun >= patience;
} catch (const std::system_error &) { // it is not installed: the reload finds it
    return true;
}

std::vector<Diagnostic> calendar_faults(std::string_view file, std::string_view text)
{
    Values values;
    Findings findings;
    std::vector<Diagnostic> faults;
    if (!read_values(file, text, job_keys(), values, findings))
        return faults;
    const auto &timer = values["timer"];
    for (const auto &[key, calendars] : timer.settings)
        for (const auto &calendar : calendars)
            if (key == "OnCalendar" && !calendar.empty() && !is_calendar(calendar))
                faults.push_back(timer.place.says("timer.OnCalendar: " + why_no_calendar(calendar)));
    return faults;
}

std::string why_no_calendar(std::string_view text)
{
    return std::format(
        "\"{}\" is no calendar that systemd understands (one is \"daily\", \"Mon..Fri 18:00\", \"*:0/15\"; see systemd.time(7))",
        printable(text, 100));
}

} // namespace igotchuu
