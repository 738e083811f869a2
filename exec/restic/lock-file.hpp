// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace igotchuu::restic
{

/// A lock in a repository, as `restic cat lock` shows it.
struct LockFile {
    std::string host;
    pid_t process = 0;
    Clock::time_point
        time{}; ///< when it was last renewed, each five minutes; the end of time: restic did not say it in a form that we know
};
/// Nothing when the text is no lock.
[[nodiscard]] std::optional<LockFile> parse_lock(std::string_view text);

/// restic's half hour, and some: who could not renew its lock for 22 minutes has given up by itself (internal/repository/lock.go).
inline constexpr std::chrono::minutes stale_after{31};

/// Whether `restic unlock` is safe, on a machine named `host`, and finds one to remove. It removes what is stale, and locks of this host name whose process it cannot
/// reach, by a SIGHUP: a stranger that has the number by now may die of that. Where another machine has the name, too, all of its locks seem to be dead, while it writes
/// what a prune would then take away. So not while there is a young lock of the name, unless `is_left` says that its process was ours, on this machine, and is
/// gone. internal/restic/lock.go, Stale().
[[nodiscard]] bool may_unlock(std::span<const LockFile> locks, std::string_view host, Clock::time_point now,
                              const std::function<bool(const LockFile &)> &is_left);

} // namespace igotchuu::restic
