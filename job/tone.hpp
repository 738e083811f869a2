// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace igotchuu
{

/// How a line of a terminal is meant.
enum class Tone : std::uint8_t { plain, heading, good, warning, bad };

/// Whether what is shown on `fd` can be written anew: a terminal, and none that is dumb, as Emacs' shell and many a continuous integration.
[[nodiscard]] bool rewrites_lines(int fd);
/// Whether it has colours, too, and the person wants them: https://no-color.org.
[[nodiscard]] bool shows_colours(int fd);

/// `text` between the escape sequences of its tone (ECMA-48, SGR).
[[nodiscard]] std::string in_colour(std::string_view text, Tone tone);

} // namespace igotchuu
