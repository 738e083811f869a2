// SPDX-License-Identifier: MIT
#include "exec/silent-end.hpp"

#include <cstdlib>
#include <format>

namespace igotchuu
{

std::optional<SilentEnd> silent_end(const std::string &unit)
{
    const auto told = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string{value == nullptr ? "" : value};
    };
    const std::string result = told("SERVICE_RESULT"), code = told("EXIT_CODE"), status = told("EXIT_STATUS");
    const std::string reason = std::format("systemctl status '{}' has the reason", unit);
    if (code == "killed" && (status == "TERM" || status == "INT")) // it did not listen yet
        return SilentEnd{Outcome::stopped, ""};
    if (code == "killed" || code == "dumped")
        return SilentEnd{Outcome::killed, "by SIG" + status};
    if (code == "exited" && status == "243")
        return SilentEnd{Outcome::failed, "a credential that its unit names cannot be read; " + reason};
    if (result == "resources" || (code == "exited" && status.size() == 3 && status >= "200"))
        return SilentEnd{Outcome::failed, std::format("systemd could not start it ({}); {}",
                                                      status.empty() ? result : "exit status " + status, reason)};
    return {};
}

} // namespace igotchuu
