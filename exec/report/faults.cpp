// SPDX-License-Identifier: MIT
#include "exec/report/faults.hpp"

#include "exec/report/message-id.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <syslog.h>

#include <format>
#include <ranges>
#include <vector>

namespace igotchuu
{
namespace
{

std::vector<std::string> lines_of(const std::string &text)
{
    std::vector<std::string> lines;
    for (const auto line : std::views::split(text, '\n'))
        if (!line.empty())
            lines.push_back(printable(std::string_view{line}));
    return lines;
}

} // namespace

SaidFaults say_faults(Channels &all, const std::string &text)
{
    const std::vector<std::string> faults = lines_of(text);
    const std::string first = faults.empty() ? "its configuration cannot be used" : faults.front();
    if (faults.size() < 2)
        return {first, first};
    for (const std::string &fault : faults)
        all.say(LOG_ERR, message_id::configuration_fault, fault, {}, Tone::bad);
    return {std::format("{} (and {})", first, counted(faults.size() - 1, "more fault", "more faults")),
            std::format("{} in its configuration", counted(faults.size(), "fault", "faults"))};
}

} // namespace igotchuu
