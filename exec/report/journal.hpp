// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu
{

/// Names are written in full ("IGOTCHUU_JOB"), so that grep finds them; values may hold any bytes.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// One entry: `priority` of syslog(3), an id of message-id.hpp (empty for debugging). Throws std::system_error; a journal that is not there at
/// all is no error for libsystemd: see journal_exists().
void journal(int priority, std::string_view message_id, const Fields &fields, std::string_view sentence);

[[nodiscard]] bool journal_exists() noexcept;

/// Whether the journal has an entry with that id about the run, whatever has not got there yet included.
/// Throws std::system_error, Failure.
[[nodiscard]] bool in_journal(std::string_view message_id, const std::string &invocation_id);

/// Is stderr the journal already, as in a unit? systemd.exec(5), $JOURNAL_STREAM.
[[nodiscard]] bool stderr_is_the_journal() noexcept;

} // namespace igotchuu
