// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/access.hpp"
#include "exec/restic/start.hpp"
#include "job/error.hpp"

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

/// A snapshot that a repository has.
struct Stored {
    std::string id; ///< 64 hexadecimal digits
    std::string original{}; ///< the id that it was made with, where somebody has tagged, rewritten or copied it; else empty
    std::chrono::sys_time<std::chrono::nanoseconds> time; ///< of what it holds
    std::string host; ///< that it was made on, as restic calls it
    std::vector<std::string> tags, paths;
    std::string parent{}; ///< the id of the one that restic compared its files with; empty: none
    std::uint64_t files = 0, bytes = 0; ///< that it holds, as far as restic tells; of older ones 0

    [[nodiscard]] bool is(std::string_view made_as) const { return !made_as.empty() && (id == made_as || original == made_as); }
    friend bool operator==(const Stored &, const Stored &) = default;
};

/// The repository is not there now, or does not answer: nothing is known to be wrong with it.
struct Unreached : Failure {
    using Failure::Failure;
};

/// What `restic snapshots --json` printed, versions 0.17 to 0.19: the newest first, of each job no more than its record may have to say something about.
/// Throws Failure for anything in it that is not as it has to be.
[[nodiscard]] std::vector<Stored> parse_snapshots(std::string_view text);
/// The same, but all of them, whoever made them.
[[nodiscard]] std::vector<Stored> parse_all_snapshots(std::string_view text);

/// Whether that is restic's word for snapshots that it could not list: it goes on without them, and calls that a success (0.17 to 0.19).
[[nodiscard]] bool says_unlisted(std::string_view line);

/// The same of one list of snapshots, and as such a list. Throws NotUnderstood (snapshot-json.hpp).
[[nodiscard]] std::vector<Stored> stored_in(const nlohmann::json &list);
/// That on the line that `restic ls --json` begins with. Nothing: it is another line.
[[nodiscard]] std::optional<Stored> stored_on(std::string_view line);
[[nodiscard]] nlohmann::json list_of(const std::vector<Stored> &snapshots);

/// Whether a start that lists them has come to its end, whatever it has listed. Throws Unreached for a repository that was not got to, does not answer, or whose
/// link was torn; Cancelled when somebody has asked for the end; Failure for all else.
void expect_list(const Repository &repository, const Ended &ended);

/// All snapshots that have the tag, by one start of restic, which takes no lock; by a second one where the first could not list all of them. A repository that
/// says nothing for the whole of its answer_timeout, or of which restic says for 20 s that it is out of reach, is asked no longer. Throws Unreached, Failure and Cancelled.
[[nodiscard]] std::vector<Stored> snapshots(const Starter &starter, const Access &access, const std::string &tag);
/// The same, but all of them; of an empty tag: whoever made them.
[[nodiscard]] std::vector<Stored> all_snapshots(const Starter &starter, const Access &access, const std::string &tag);

} // namespace igotchuu::restic
