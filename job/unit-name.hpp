// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// How long the escaped name of a unit may be, in bytes, but for one more of igotchuu-fresh@: at 238 systemd silently drops the drop-in (tried, 257.13).
inline constexpr std::size_t unit_name_max = 230;

/// The instance of a job: the name itself where systemd allows its characters (systemd.unit(5): letters, digits, ":-_.\@"), each other byte
/// as \xNN. Throws std::invalid_argument, with a sentence for the person, for an empty name, control characters, "." or "..", "/", and a
/// name whose unit (igotchuu-send@; that of its looks is one byte longer) would be over unit_name_max.
[[nodiscard]] std::string instance_of(std::string_view job_name);

/// The same of a repository, for the units of its maintenance.
[[nodiscard]] std::string repository_instance_of(std::string_view repository_name);

/// The absolute path that an instance spells as `systemd-escape --unescape --path` does; nothing where that refuses it, or where the path is
/// not normalised or the instance has control characters in it.
[[nodiscard]] std::optional<std::string> path_of_instance(std::string_view instance);

/// `systemd-escape --path`. Throws std::invalid_argument for a path that is not absolute or has ".." in it.
[[nodiscard]] std::string instance_of_path(std::string_view absolute_path);

/// "igotchuu@INSTANCE.service" / ".timer"
[[nodiscard]] std::string service_of(std::string_view instance);
[[nodiscard]] std::string timer_of(std::string_view instance);
/// "igotchuu-send@INSTANCE.service"
[[nodiscard]] std::string send_service_of(std::string_view instance);
/// "igotchuu-fresh@INSTANCE.service" / ".timer"
[[nodiscard]] std::string fresh_service_of(std::string_view instance);
[[nodiscard]] std::string fresh_timer_of(std::string_view instance);
/// "igotchuu-maintenance@INSTANCE.service" / ".timer"
[[nodiscard]] std::string maintenance_service_of(std::string_view instance);
[[nodiscard]] std::string maintenance_timer_of(std::string_view instance);
/// Of what systemd understood of all of them: the one unit that is no instance's.
inline constexpr const char *verify_service = "igotchuu-verify.service";

} // namespace igotchuu
