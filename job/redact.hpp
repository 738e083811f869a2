// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace igotchuu
{

/// `text` with each password of an address in it as "***": `//user:pass@host` becomes `//user:***@host`; so is what a parameter of an
/// rclone remote has that may be a secret, `:webdav,pass=***:path`. For all that is shown.
[[nodiscard]] std::string redacted(std::string_view text);

/// The same of a repository's location, or name, and nothing else: blanks are a password's, too, then.
[[nodiscard]] std::string redacted_location(std::string_view location);

} // namespace igotchuu
