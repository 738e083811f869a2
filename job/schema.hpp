// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace igotchuu
{

enum class KeyType {
    text,
    flag,
    count, ///< a whole number from `least` to `most`
    text_list, ///< an array of texts
    program_list, ///< an array of programs, each an array of texts: its path, and its arguments
    duration, ///< one of restic's: "1y5m7d2h"
    path, ///< an absolute path
    path_list,
    name_list, ///< names of repositories
    choice, ///< one of `choices`
    choice_list, ///< an array of them
    unit_section, ///< a table of systemd's own keys
    switched_section, ///< the same, with keys of ours beside them, which stand in the list by their full names; or true or false instead
    variables, ///< a table of environment variables, each with where its value is: `NAME.form = "…"`, form being one of `choices`
};

/// One key of a file, as the loader, the manual pages and the checks of other tools know it. The only list of keys there is.
struct Key {
    std::string_view name; ///< as it is written: "exclude-caches"; in a table with its name: "ssh.identity"
    KeyType type;
    std::string_view standard; ///< the default, as TOML; empty: none
    std::string_view line; ///< one sentence
    std::int64_t least = 0, most = 0;
    std::span<const std::string_view> choices{};
    bool required = false;
    std::string_view section{}; ///< of a switched_section: the section of systemd's that its keys are of
};

[[nodiscard]] std::span<const Key> job_keys(); ///< jobs/NAME.toml, in the order of the manual page
[[nodiscard]] std::span<const Key> repository_keys(); ///< repositories/NAME.toml
[[nodiscard]] std::span<const Key> notify_keys(); ///< notify.toml

} // namespace igotchuu
