// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <string>
#include <vector>

/// What holds after every run, however it ended, and the next one: I1, I2, I6 and I8 of the list (I3, I4, I5 and I7 want a restore, another
/// run, a repository and a clock: the tests have those).
namespace igotchuu::stage
{

struct Subject {
    std::string instance;
    std::vector<std::string> tops; ///< where the top levels of the sources' file systems are mounted
    std::string canary; ///< the repository's password, which nobody may show
};

/// The host before the runs: what igotchuu must leave as it was, and where the journal was.
struct Before {
    std::string mounts;
    std::string subvolumes; ///< and what lies in the pools
    std::string journal_cursor;

    [[nodiscard]] std::string text() const; ///< for a file, so that a shell test can keep it
    [[nodiscard]] static Before from(const std::string &text);
};
[[nodiscard]] Before look(const Subject &subject);

/// Channels that a run could not reach, by its own word: an injected error may close one, and the run goes on.
struct Unreached {
    std::string invocation{};
    bool record = false, journal = false;
};

/// Everything that is not as it has to be, a line each; empty: all is well. The last run in the record must be over: its last word is waited for.
/// Each run since then must have one entry in the record, and one last word in the journal.
/// I1 mounts; I2 subvolumes, pool, locks, processes, scratch, state, half-written files (no loop devices: igotchuu makes
/// none, and other machines' are seen as well); I6; I8.
[[nodiscard]] std::string violations(const Subject &subject, const Before &before, const Unreached &unreached = {});

/// The run in the record. Throws Failure when there is none, or more than one.
[[nodiscard]] Run recorded(const Subject &subject, const std::string &invocation);
[[nodiscard]] std::size_t times_recorded(const Subject &subject, const std::string &invocation);

} // namespace igotchuu::stage
