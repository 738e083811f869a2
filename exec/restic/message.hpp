// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace igotchuu::restic
{

/// restic could not read something.
struct FileError {
    std::string item, message;
    bool while_scanning = false; ///< said by the scan that only counts: the backup itself says it again
    friend bool operator==(const FileError &, const FileError &) = default;
};

/// restic's own last words, from 0.18.
struct ExitError {
    std::string message;
    friend bool operator==(const ExitError &, const ExitError &) = default;
};

/// A message that is none of the run's business: verbose_status, and what later versions say.
struct OtherMessage {
    friend bool operator==(const OtherMessage &, const OtherMessage &) = default;
};

/// No message of restic at all: plain text comes between the JSON lines.
struct Text {
    friend bool operator==(const Text &, const Text &) = default;
};

using Message = std::variant<Text, OtherMessage, Progress, Summary, FileError, ExitError>;

/// One line of `restic --json`, versions 0.14 to 0.19, whatever it holds: never throws for what is in it. A field that is absent or of another
/// type is as if it were 0. https://restic.readthedocs.io/en/stable/075_scripting.html "JSON output", internal/ui/backup/json.go.
[[nodiscard]] Message parse(std::string_view line);

/// What `restic restore --dry-run -vv` and `restic backup -vv` say of one file or directory ("verbose_status"). Bytes of its name that are no UTF-8 are
/// U+FFFD each.
struct Item {
    std::string action; ///< of a restore "unchanged", "updated", "restored"; of a backup "unchanged", "modified", "new"
    std::string path; ///< of a backup's directory with a slash at its end
    std::uint64_t size = 0;
    friend bool operator==(const Item &, const Item &) = default;
};
/// The same of a line of `restic ls --json`; without an action.
struct ListedNode {
    std::string type; ///< "file", "dir", "symlink"
    std::string path;
    std::uint64_t size = 0;
    friend bool operator==(const ListedNode &, const ListedNode &) = default;
};
/// Nothing for every other line, as parse() never throws for what is in it.
[[nodiscard]] std::optional<Item> parse_item(std::string_view line);
[[nodiscard]] std::optional<ListedNode> parse_node(std::string_view line);
/// Whether it is the line that ends what a restore says.
[[nodiscard]] bool is_summary(std::string_view line);

} // namespace igotchuu::restic
