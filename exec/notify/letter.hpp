// SPDX-License-Identifier: MIT
#pragma once

#include "exec/notify/happening.hpp"
#include "exec/notify/run-log.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// What is told beside the happening itself.
struct Circumstances {
    std::string host, next; ///< `next`: when the timer elapses, as systemd says it; empty: it never does
    RunLog log;
};

/// "igotchuu: backup of home failed on laptop"
[[nodiscard]] std::string subject_line(const Happening &happening, std::string_view host);

/// The whole of it as a person reads it, in UTF-8; no line has more than 998 bytes (RFC 5322).
[[nodiscard]] std::string text_of(const Happening &happening, const Circumstances &circumstances);

/// The mail, for sendmail. Whatever the texts hold, it has these headers and no other: nothing in it can begin a header of its own.
[[nodiscard]] std::string letter(const Notify &notify, const Happening &happening, const Circumstances &circumstances);

/// A header's text in ASCII, RFC 2047.
[[nodiscard]] std::string header_text(std::string_view text);

} // namespace igotchuu
