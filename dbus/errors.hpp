// SPDX-License-Identifier: MIT
#pragma once

#include <format>
#include <sdbus-c++/Error.h>
#include <string>
#include <utility>

/// The errors of our methods, com.nyantec.igotchuu.Error.…; com.nyantec.igotchuu(5) lists them, and a test compares.
namespace igotchuu::error
{

inline constexpr auto no_such_job = "com.nyantec.igotchuu.Error.NoSuchJob";
inline constexpr auto not_running = "com.nyantec.igotchuu.Error.NotRunning";
inline constexpr auto already_running = "com.nyantec.igotchuu.Error.AlreadyRunning";
inline constexpr auto not_configured = "com.nyantec.igotchuu.Error.NotConfigured";
inline constexpr auto bad_configuration = "com.nyantec.igotchuu.Error.BadConfiguration";
inline constexpr auto not_authorized = "com.nyantec.igotchuu.Error.NotAuthorized";
inline constexpr auto polkit_unavailable = "com.nyantec.igotchuu.Error.PolkitUnavailable";
inline constexpr auto too_many_requests = "com.nyantec.igotchuu.Error.TooManyRequests";
inline constexpr auto systemd_failed = "com.nyantec.igotchuu.Error.SystemdFailed";

/// With one sentence that says what to do.
template <typename... Arguments>
[[nodiscard]] sdbus::Error make(const char *name, std::format_string<Arguments...> text, Arguments &&...arguments)
{
    return {sdbus::Error::Name{name}, std::format(text, std::forward<Arguments>(arguments)...)};
}

} // namespace igotchuu::error
