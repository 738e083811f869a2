// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/access.hpp"
#include "exec/restic/node.hpp"
#include "exec/restic/start.hpp"
#include "job/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

// What restic shows of snapshots, by one start each, which takes no lock: somebody wants to know it now, whatever else runs. All throw Unreached
// (snapshots.hpp), Failure and Cancelled.

/// The snapshot has no such path.
struct NotThere : Failure {
    using Failure::Failure;
};
/// The path leads to something else than a directory, or beyond it.
struct NoDirectory : Failure {
    using Failure::Failure;
};

/// Some of it could not be read: what was heard is true, and may not be all.
struct Unread : Failure {
    using Failure::Failure;
};

using HearNode = std::function<void(Node node)>;

/// What is looked for.
struct Sought {
    std::vector<std::string> patterns; ///< restic's; what lies below what fits one fits, too
    std::string tag{}; ///< that the snapshots have; empty: any
    std::string snapshot{}; ///< the id of the only one; empty: all
};
/// The pattern, with U+FFFD in it fitting each byte that no JSON can say.
[[nodiscard]] std::string typed_pattern(std::string pattern);
/// A pattern that fits the path as find() tells it; where that is vague, it may fit others, too.
[[nodiscard]] std::string pattern_of(const std::string &path);
/// Whether U+FFFD stands in it, which in what restic says is a byte that no JSON can say.
[[nodiscard]] bool is_vague(std::string_view path);

/// Of each snapshot what fits, a directory before what is in it; then its id, for `over`. One in which nothing fits is not heard of. Throws Unread when it is over.
void find(const Starter &starter, const Access &access, const Sought &sought, const HearNode &hear,
          const std::function<void(const std::string &snapshot)> &over);

/// What is in a directory, with the bytes of its names; of a vague path in each that restic lists so. How many these are. Throws NotThere and NoDirectory.
std::size_t list_directory(const Starter &starter, const Access &access, const std::string &snapshot, const std::string &directory,
                           const HearNode &hear);

/// '+': new, '-': gone, 'M': its contents are others, 'T': it is of another type; '?': its contents are others, and nothing else is.
struct Change {
    char kind;
    std::string path; ///< a directory's ends with a slash
};
/// One side of it.
struct Amount {
    std::uint64_t files = 0, directories = 0;
    std::optional<std::uint64_t> others{}; ///< nothing: they are among the files
    std::optional<std::uint64_t> bytes{}; ///< of what is stored for one of the two alone; nothing: not counted
};
struct Differences {
    std::uint64_t changed = 0; ///< files
    Amount added{}, removed{};
};
/// From `before` to `after`, below the path `below`, which is a directory in both: else NotThere and NoDirectory. `hear` gets whole paths.
[[nodiscard]] Differences compare_snapshots(const Starter &starter, const Access &access,
                                            const std::array<std::string, 2> &snapshots, const std::string &below,
                                            const std::function<void(const Change &change)> &hear);

} // namespace igotchuu::restic
