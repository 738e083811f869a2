// SPDX-License-Identifier: MIT
#pragma once

#include "cli/stop-signals.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace igotchuu
{

/// Whether a person sits there: both standard input and standard output are a terminal.
[[nodiscard]] bool somebody_is_there();

/// Whether standard output shows half blocks, in `columns` of them.
[[nodiscard]] bool shows_blocks(std::size_t columns);

enum class Echo { on, off };

/// A line that is typed, without its end, at most 4 KiB; nothing: there is none, or a stop came. With Echo::off a terminal does not show it.
[[nodiscard]] std::optional<std::string> ask(const std::string &prompt, Echo echo, const StopSignals &stop);

} // namespace igotchuu
