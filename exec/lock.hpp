// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/fd.hpp"
#include "job/job.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace igotchuu
{

/// The run cannot start now, but may later: somebody else holds a lock. what() is a sentence.
struct NotNow : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class LockKind { exclusive, shared };

/// A flock(2) on a file below /run/igotchuu/lock, held by descriptor until this object ends, however it ends. The unit and a run by hand take
/// the same file.
class Lock
{
public:
    /// Nothing when somebody else holds it. `name` is one path component (an instance, "repository-NAME"). Throws std::system_error.
    [[nodiscard]] static std::optional<Lock> try_take(std::string_view name, LockKind kind);
    /// The same; throws NotNow with the sentence `otherwise` when somebody else holds it.
    [[nodiscard]] static Lock take(std::string_view name, LockKind kind, const std::string &otherwise);
    /// The same; waits for whoever holds it. Throws Cancelled.
    [[nodiscard]] static Lock wait_for(std::string_view name, LockKind kind, const StopRequest &stop);

private:
    explicit Lock(Fd file) : file_{std::move(file)} {}
    Fd file_;
};

/// What a repository's lock is called: shared by backups, exclusively a maintenance's.
[[nodiscard]] std::string lock_of(const Repository &repository);

} // namespace igotchuu
