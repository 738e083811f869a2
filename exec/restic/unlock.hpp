// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/start.hpp"

#include <cstddef>

namespace igotchuu::restic
{

/// Takes away the locks that a killed restic has left, where there is one and it is safe to ask (may_unlock()). `locks` of all kinds were there, before.
struct Unlocked {
    std::size_t locks = 0;
    bool asked = false;
};
/// Throws Cancelled, Unreached where the server is not got to, and Failure.
[[nodiscard]] Unlocked unlock(const Starter &starter, const Access &access);

/// As start(); and once more where the repository was locked and that was by a lock that nobody holds any more. Throws Cancelled.
[[nodiscard]] Ended start_past_dead_locks(const Starter &starter, const Access &access, const Verb &verb);

} // namespace igotchuu::restic
