// SPDX-License-Identifier: MIT
#include "exec/silent-end.hpp"

#include "exec/service-end.hpp"

#include <format>

namespace igotchuu
{

namespace
{

/// Which one it was systemd says in its own journal alone.
std::string without_credential(std::span<const Repository> repositories)
{
    std::string names;
    for (const auto &repository : repositories)
        for (const auto &id : credentials_of(repository))
            names += (names.empty() ? "" : ", ") + id;
    return std::format("a credential that its unit names cannot be read, or cannot be opened since what sealed it is another one "
                       "by now{}; systemd-creds "
                       "decrypt --name=NAME FILE - tries a sealed one",
                       names.empty() ? "" : std::format(" ({})", names));
}

} // namespace

std::optional<SilentEnd> silent_end(const std::string &unit, std::span<const Repository> repositories)
{
    const auto end = service_end_of_environment("");
    const std::string reason = std::format("systemctl status '{}' has the reason", unit);
    if (end.killed() && (end.status == "TERM" || end.status == "INT")) // it did not listen yet
        return SilentEnd{Outcome::stopped, ""};
    if (end.killed())
        return SilentEnd{Outcome::killed, "by SIG" + end.status};
    if (end.code == "exited" && end.status == "243")
        return SilentEnd{Outcome::failed, without_credential(repositories) + "; " + reason};
    if (end.result == "resources" || end.could_not_begin())
        return SilentEnd{Outcome::failed, std::format("systemd could not start it ({}); {}",
                                                      end.status.empty() ? end.result : "exit status " + end.status, reason)};
    return {};
}

} // namespace igotchuu
