// SPDX-License-Identifier: MIT
#include "exec/silent-end.hpp"

#include "exec/service-end.hpp"

#include <format>

namespace igotchuu
{

std::optional<SilentEnd> silent_end(const std::string &unit)
{
    const auto end = service_end_of_environment("");
    const std::string reason = std::format("systemctl status '{}' has the reason", unit);
    if (end.killed() && (end.status == "TERM" || end.status == "INT")) // it did not listen yet
        return SilentEnd{Outcome::stopped, ""};
    if (end.killed())
        return SilentEnd{Outcome::killed, "by SIG" + end.status};
    if (end.code == "exited" && end.status == "243")
        return SilentEnd{Outcome::failed, "a credential that its unit names cannot be read; " + reason};
    if (end.result == "resources" || end.could_not_begin())
        return SilentEnd{Outcome::failed, std::format("systemd could not start it ({}); {}",
                                                      end.status.empty() ? end.result : "exit status " + end.status, reason)};
    return {};
}

} // namespace igotchuu
