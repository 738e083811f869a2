// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace igotchuu
{

/// A file, directory, link … of a snapshot, as igotchuu-exec tells of it.
struct StoredFile {
    std::string path;
    std::string type; ///< in restic's words: "file", "dir", "symlink", …
    std::uint32_t mode = 0; ///< of chmod(2)
    std::string owner, group; ///< names, or numbers where they had none
    std::uint64_t size = 0;
    std::string modified; ///< RFC 3339
    std::string target; ///< of a link
};
/// Throws Failure for what is none.
[[nodiscard]] StoredFile stored_file(const nlohmann::json &message);

/// As ls(1) has it: "-rwsr-xr-x".
[[nodiscard]] std::string mode_text(std::string_view type, std::uint32_t mode);
/// A time of a file, of whatever year it claims to be.
[[nodiscard]] std::string modified_text(const std::string &modified);
/// A line of `ls -l`, with the name that it is to have there. Printable.
[[nodiscard]] std::string long_line(const StoredFile &file, std::string_view name);

} // namespace igotchuu
