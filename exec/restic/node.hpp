// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

/// A file, directory, link … as a snapshot has it.
struct Node {
    std::string path;
    std::string type; ///< in restic's words: "file", "dir", "symlink", "fifo", "dev", "chardev", "socket"
    std::uint32_t mode = 0; ///< of chmod(2)
    std::uint32_t uid = 0, gid = 0;
    std::string user{}, group{}; ///< their names on the machine that it is of; empty: they had none
    std::uint64_t size = 0; ///< of a file
    std::string modified{}, changed{}; ///< mtime and ctime, RFC 3339
    std::uint64_t inode = 0;
    std::string target{}; ///< of a link
    std::vector<std::string> content{}; ///< ids of its pieces; only of a tree
};

/// What `restic find --json` prints of a file. Bytes of its name that are no UTF-8 are U+FFFD each. Throws NotUnderstood (snapshot-json.hpp).
[[nodiscard]] Node matching_node(std::string_view text);
/// What `restic cat tree` prints of a file in `directory`, with the bytes of its name. The same.
[[nodiscard]] Node tree_node(std::string_view text, std::string_view directory);

/// A text as Go's strconv.Quote makes it, without the quotes around it: as restic stores names.
[[nodiscard]] std::string unquoted(std::string_view text);

/// chmod(2)'s bits of a mode as Go has it (io/fs, FileMode).
[[nodiscard]] std::uint32_t mode_bits(std::uint64_t go_mode);

} // namespace igotchuu::restic
