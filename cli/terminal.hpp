// SPDX-License-Identifier: MIT
#pragma once

#include "cli/stop-signals.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// Whether a person sits there: both standard input and standard output are a terminal.
[[nodiscard]] bool somebody_is_there();

/// Whether standard output shows half blocks, in `columns` of them.
[[nodiscard]] bool shows_blocks(std::size_t columns);

enum class Echo { on, off };

/// A line that is typed, without its end, at most 4 KiB; nothing: there is none, or a stop came, and what is said next begins on a line of its own. With Echo::off a
/// terminal does not show it. The prompt is on standard error where standard output is no terminal; who writes into a pipe is not asked.
[[nodiscard]] std::optional<std::string> ask(const std::string &prompt, Echo echo, const StopSignals &stop);

enum class Consent { given, refused };

/// What a person means by `answer`: y or yes, n or no, however they are written, or an empty line, which is `on_enter`; nothing: it may mean anything.
[[nodiscard]] std::optional<Consent> consent_in(std::string_view answer, Consent on_enter);
/// Asks until it is one of these; nothing as with ask().
[[nodiscard]] std::optional<Consent> ask_for_consent(const std::string &question, Consent on_enter, const StopSignals &stop);

} // namespace igotchuu
