// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

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

/// Whether `restic unlock` is safe, on a machine named `host`, and finds one to remove. It removes what was not renewed for half an hour, and locks of this host whose process it cannot
/// reach, by a SIGHUP: a stranger that has the number by now may die of that, and the lock of another user's restic, which it may not signal, would go
/// away under it. So not while there is a process of such a number. internal/restic/lock.go, Stale().
[[nodiscard]] bool may_unlock(std::span<const LockFile> locks, std::string_view host, Clock::time_point now,
                              const std::function<bool(pid_t)> &is_there);

} // namespace igotchuu::restic
