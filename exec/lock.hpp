// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

enum class LockKind { exclusive, shared };

/// A flock(2) on a file below /run/igotchuu/lock, held by descriptor until this object ends, however it ends. The unit and a run by hand take
/// the same file.
class Lock
{
public:
    /// Nothing when somebody else holds it. `name` is one path component (an instance, "repository-NAME"). Throws std::system_error.
    [[nodiscard]] static std::optional<Lock> try_take(std::string_view name, LockKind kind);

private:
    explicit Lock(Fd file) : file_{std::move(file)} {}
    Fd file_;
};

} // namespace igotchuu
