// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu
{

/// Whether rclone may have a secret in a parameter of that name, for whichever kind of remote: by its name, since new kinds come with each version. Where a secret lies, and what it is
/// called, is none.
[[nodiscard]] bool may_be_secret(std::string_view parameter);

/// The first such parameter in a location that is "rclone:REMOTE,PARAMETER=VALUE,…:PATH", before its last colon; restic makes that an argument of rclone. Empty: there is none.
[[nodiscard]] std::string secret_parameter(std::string_view location);

/// The name that `text` begins with, where a "=" comes next; else empty.
[[nodiscard]] std::string_view parameter_at(std::string_view text);

} // namespace igotchuu
