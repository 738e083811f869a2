// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/snapshots.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What a repository said of the snapshots of this machine, of all its jobs; it is kept, so that those of them that look at the same time ask once.
struct Answer {
    Clock::time_point asked{}; ///< the epoch: it never was
    std::vector<restic::Stored> snapshots{}; ///< that it had then, newest first
    Clock::time_point tried{}; ///< to ask it once more, in vain; the epoch, or not later than `asked`: it was not
    std::string why_not{}; ///< that was so: one line
    Clock::time_point in_vain_since{}; ///< the first of those tries
    /// When it was noticed that the name leads elsewhere; what is there was not seen, unless `asked` is later. The epoch: it does not.
    Clock::time_point moved{};
    friend bool operator==(const Answer &, const Answer &) = default;

    /// Whether it still holds for a job that has changed something there at `last_change`.
    [[nodiscard]] bool is_current(Clock::time_point now, Clock::time_point last_change) const;
    /// Whether to try again would only be in vain again.
    [[nodiscard]] bool is_out_of_reach(Clock::time_point now, Clock::time_point last_change) const;
};

/// How long an answer holds: longer than the timers of a machine's jobs are apart (generator/emit.cpp), and no longer than somebody waits who has mended something.
inline constexpr std::chrono::minutes answer_holds{15};

/// On one line. `address`: digest_of_address() of the repository that it is of.
[[nodiscard]] std::string to_json(const Answer &answer, std::string_view address);
/// Of one of another address: that it has moved, and nothing else. What is of a time that is yet to come was never said. Nothing: it is no such text.
[[nodiscard]] std::optional<Answer> answer_from_json(std::string_view text, std::string_view address, Clock::time_point now);

/// CACHE/fresh/REPOSITORY.json. Nothing where there is none, or it is not what this version writes.
[[nodiscard]] std::optional<Answer> read_answer(const std::string &cache_directory, const Repository &repository,
                                                Clock::time_point now);
/// The caller holds the lock of the repository. Where it cannot be written, the next job asks once more.
void keep_answer(const std::string &cache_directory, const Repository &repository, const Answer &answer);

} // namespace igotchuu
