// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu
{

/// How the main process of a service ended, in systemd's words: systemd.exec(5), $SERVICE_RESULT and its like. All of it is empty when the service was not even
/// started, since something that it requires has failed.
struct ServiceEnd {
    std::string invocation_id{}, result{}, code{}, status{};

    [[nodiscard]] bool killed() const { return code == "killed" || code == "dumped"; } ///< by the signal `status`
    /// With an exit status of systemd's own, for what it could not do before the program began ("Process Exit Codes").
    [[nodiscard]] bool could_not_begin() const { return code == "exited" && status.size() == 3 && status >= "200"; }
};

/// `prefix`: empty in ExecStopPost= of the service itself, "MONITOR_" in a unit that its OnFailure= or OnSuccess= starts.
[[nodiscard]] ServiceEnd service_end_of_environment(std::string_view prefix);

} // namespace igotchuu
