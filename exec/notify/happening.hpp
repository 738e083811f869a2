// SPDX-License-Identifier: MIT
#pragma once

#include "exec/service-end.hpp"
#include "job/notify.hpp"
#include "job/state-files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// Whose ends are told: a job, by its backups or by the looks at how fresh they are; by its maintenance a repository; or all units and schedules, by the look
/// what systemd made of them.
struct Subject {
    enum class Kind { backup, sending, freshness, maintenance, verification } kind;
    std::string instance; ///< of a verification empty

    [[nodiscard]] std::string service() const;
    [[nodiscard]] std::string timer() const; ///< empty: it has none
    /// Whether it is looked at again and again, and only what is new is news.
    [[nodiscard]] bool is_look() const noexcept { return kind == Kind::freshness || kind == Kind::verification; }
};
/// Of "igotchuu@home", "igotchuu-fresh@home", "igotchuu-maintenance@nas" or "igotchuu-verify", with or without ".service". Throws Failure for anything else.
[[nodiscard]] Subject subject_of(std::string_view unit);

/// Something that may be told. No text in it has a control character.
struct Happening {
    Subject subject;
    std::string name; ///< of the job or the repository; of a verification empty
    std::optional<Occasion> occasion; ///< nothing: it is tried again by itself, and nobody need know
    std::string outcome; ///< the word for it; of a start "started"
    std::string invocation_id; ///< empty: there was no run
    std::string sentence; ///< what came of it, and why
    std::optional<Clock::time_point> started, ended;
    std::vector<std::string> numbers; ///< lines: what was backed up
    std::vector<std::string> troubles{}; ///< of a look (exec/troubles.hpp), or of a send: what is told only once
};

/// The end of a run: as its record says, where it has this run, else in systemd's words. Where the two differ it is the worse: who is told of a success may
/// rely on it. Never a recovery: that is a success of which somebody remembers the failure before.
[[nodiscard]] Happening end_of(const Subject &subject, const ServiceEnd &end, const StateDirectories &where = {});
/// The last one that is recorded, of a backup as last_own_run() has it; nothing: there is none.
[[nodiscard]] std::optional<Happening> last_end_of(const Subject &subject, const StateDirectories &where = {});

} // namespace igotchuu
