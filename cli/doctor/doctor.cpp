// SPDX-License-Identifier: MIT
#include "cli/doctor/doctor.hpp"

#include "cli/doctor/look.hpp"
#include "cli/screen.hpp"
#include "cli/verbs.hpp"
#include "job/exit-status.hpp"

#include <format>
#include <iostream>
#include <unistd.h>

namespace igotchuu
{

namespace
{

void print(const doctor::Seen &seen, const std::vector<doctor::Ailment> &ailments)
{
    const Screen screen{STDOUT_FILENO};
    std::string text = doctor::summary(seen, ailments) + '\n';
    if (!ailments.empty())
        text += '\n';
    for (const auto &[severity, about, why, cure, check] : ailments)
        text += std::format(
            "{}  {}: {} ({})\n",
            screen.toned(std::format("{:<8}", to_string(severity)), severity == Severity::critical ? Tone::bad : Tone::warning),
            about, why, cure);
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
