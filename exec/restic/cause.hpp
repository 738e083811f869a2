// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace igotchuu::restic
{

/// What a line of restic's error output says of why the repository is out of reach: what it calls the reason for trying once more, or what its ssh or rclone
/// says. Empty: nothing. restic's own last sentence then has it at second hand: "server unexpectedly closed connection".
[[nodiscard]] std::string_view cause_in(std::string_view line);

/// The same for a person: what is wrong, and what to look at. Empty: not known.
[[nodiscard]] std::string_view meaning_of(std::string_view cause);

/// Whether it says that the server cannot be reached now, and nothing of what is wrong with it or with us.
[[nodiscard]] bool is_out_of_reach(std::string_view cause);

/// The same, or that the connection to it broke.
[[nodiscard]] bool is_of_connection(std::string_view cause);

/// Whether it says that the bucket that the repository is to be in does not exist: restic tries again and again then, but `restic init` makes it.
[[nodiscard]] bool is_no_bucket(std::string_view cause);

/// Whether that is restic's word for something in the repository that is missing, or is not what was stored.
[[nodiscard]] bool is_damage(std::string_view words);

} // namespace igotchuu::restic
