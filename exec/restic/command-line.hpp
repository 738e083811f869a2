// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/installation.hpp"
#include "exec/restic/run.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

/// An instant as restic's --time wants it: wall clock time, in the machine's zone, since `forget` counts days by the zone that a snapshot was
/// made in. In UTC where the wall clock shows that time twice (the end of summer time), or where our own TZ is set: Go reads fewer forms of it.
struct WallClock {
    std::string time; ///< "2026-11-25 03:00:00"
    std::vector<std::string> variables; ///< what restic's environment needs to understand it: nothing, or "TZ=UTC"
};
[[nodiscard]] WallClock wall_clock(std::chrono::system_clock::time_point instant);

/// "--retry-lock=…", for another machine's prune; a lock that stays is an error to show, not to wait for. restic says so itself before it counts as silent.
[[nodiscard]] std::string patience_for_a_lock(const Repository &repository);

/// A pattern that matches the path `path` and nothing else: filepath.Match of Go.
[[nodiscard]] std::string literal_pattern(std::string_view path);

/// "backup …": the verb and what follows it. No location and no secret is in it.
[[nodiscard]] std::vector<std::string> backup_arguments(const BackupRequest &request, const std::string &time,
                                                        const std::string &host, std::span<const std::string> tags);

/// The same backup once more, which stores nothing and counts what is not as in that snapshot.
[[nodiscard]] std::vector<std::string> comparison_arguments(const BackupRequest &request, const std::string &time,
                                                            const std::string &host, std::span<const std::string> tags,
                                                            const std::string &snapshot);

/// "forget …" that removes nothing and says in JSON what `rules` would: of all snapshots that have all of `tags`, in one group, whatever their host
/// and paths were. It takes no lock: of these snapshots nobody else makes or removes any.
[[nodiscard]] std::vector<std::string> plan_arguments(std::span<const KeepRule> rules, std::span<const std::string> tags);

} // namespace igotchuu::restic
