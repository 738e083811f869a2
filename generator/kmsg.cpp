// SPDX-License-Identifier: MIT
#include "generator/kmsg.hpp"

#include <fcntl.h>
#include <format>
#include <ranges>
#include <unistd.h>

namespace igotchuu::generator
{

Log::Log(To to) : kmsg_{to == To::kmsg ? open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY) : -1} {}

int Log::fd() const noexcept
{
    return kmsg_ ? kmsg_.get() : STDERR_FILENO;
}

// One write a line: kmsg takes each as one record, and drops what is longer than 1 KiB or so.
void Log::write_lines(char level, std::string_view text)
{
    for (const auto range : std::views::split(text, '\n')) {
        auto line = std::string_view{range};
        if (line.empty() || !said_.emplace(line).second)
            continue;
        if (kmsg_)
            line = line.substr(0, 900);
        const auto record = std::format("{}igotchuu-generator: {}\n", kmsg_ ? std::format("<{}>", level) : "", line);
        [[maybe_unused]] const auto written = write(fd(), record.data(), record.size()); // nobody is left to hear of a failure
    }
}

} // namespace igotchuu::generator
