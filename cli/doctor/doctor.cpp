// SPDX-License-Identifier: MIT
#include "cli/doctor/doctor.hpp"

#include "cli/doctor/look.hpp"
#include "cli/screen.hpp"
#include "cli/verbs.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <string>
#include <unistd.h>

namespace igotchuu
{

namespace
{

/// On a terminal what helps begins on a line of its own; in a pipe an ailment is a line.
std::string text_of(const Screen &screen, const doctor::Ailment &ailment)
{
    constexpr std::size_t before = 10;
    const auto severity = screen.toned(std::format("{:<8}", to_string(ailment.severity)),
                                       ailment.severity == Severity::critical ? Tone::bad : Tone::warning);
    if (!screen.is_terminal())
        return std::format("{}  {}: {} ({})\n", severity, ailment.about, ailment.why, ailment.cure);
    const auto width = std::max(screen.columns(), 4 * before) - before;
    const auto in_lines = [&](const std::string &text) {
        std::string all;
        for (const auto &line : folded(text, width))
            all += std::format("{}{}\n", all.empty() ? "" : std::string(before, ' '), line);
        return all;
    };
    return std::format("{}  {}{}{}", severity, in_lines(std::format("{}: {}", ailment.about, ailment.why)),
                       std::string(before, ' '), in_lines(std::format("({})", ailment.cure)));
}

void print(const doctor::Seen &seen, const std::vector<doctor::Ailment> &ailments)
{
    const Screen screen{STDOUT_FILENO};
    std::string text = doctor::summary(seen, ailments) + '\n';
    if (!ailments.empty())
        text += '\n';
    for (const auto &ailment : ailments)
        text += text_of(screen, ailment);
    std::cout << text << std::flush;
}

ExitStatus exit_status(const doctor::Seen &seen, const std::vector<doctor::Ailment> &ailments)
{
    if (!ailments.empty() && ailments.front().severity == Severity::critical)
        return ExitStatus::failed;
    return ailments.empty() && seen.unseen.empty() ? ExitStatus::success : ExitStatus::partial;
}

} // namespace

int examine_machine(const DoctorRequest &request)
{
    const auto seen = doctor::look();
    const auto ailments = doctor::examine(seen);
    if (request.json)
        std::cout << doctor::to_json(seen, ailments) << std::endl;
    else
        print(seen, ailments);
    for (const auto &sentence : seen.unseen)
        if (!request.json)
            std::cerr << std::format("igotchuu: {}\n", sentence);
    return static_cast<int>(exit_status(seen, ailments));
}

} // namespace igotchuu
