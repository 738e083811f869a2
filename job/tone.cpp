// SPDX-License-Identifier: MIT
#include "job/tone.hpp"

#include <cstdlib>
#include <format>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

std::string_view escape_of(Tone tone)
{
    switch (tone) {
    case Tone::plain:
        return "";
    case Tone::heading:
        return "\033[1m";
    case Tone::good:
        return "\033[32m";
    case Tone::warning:
        return "\033[33m";
    case Tone::bad:
        return "\033[31m";
    }
    std::unreachable();
}

} // namespace

bool rewrites_lines(int fd)
{
    const char *const kind = std::getenv("TERM");
    return isatty(fd) == 1 && kind != nullptr && *kind != '\0' && std::string_view{kind} != "dumb";
}

bool shows_colours(int fd)
{
    const char *const no_color = std::getenv("NO_COLOR");
    return rewrites_lines(fd) && (no_color == nullptr || *no_color == '\0');
}

std::string in_colour(std::string_view text, Tone tone)
{
    return tone == Tone::plain ? std::string{text} : std::format("{}{}\033[0m", escape_of(tone), text);
}

} // namespace igotchuu
