// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/state.hpp"

#include <optional>
#include <span>
#include <string>

namespace igotchuu
{

/// How the main process of a unit ended that had no say in it.
struct SilentEnd {
    Outcome outcome;
    std::string why; ///< "by SIGKILL"; of a stop empty
};

/// For ExecStopPost= of `unit`: what systemd tells of its main process by $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS, systemd.exec(5). Nothing for one that
/// ended with a status of ours: it has had its say. From 200 on they are systemd's own. `repositories`: that it uses, as far as that is known.
[[nodiscard]] std::optional<SilentEnd> silent_end(const std::string &unit, std::span<const Repository> repositories);

} // namespace igotchuu
