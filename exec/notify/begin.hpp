// SPDX-License-Identifier: MIT
#pragma once

#include "exec/notify/happening.hpp"
#include "exec/stop.hpp"

#include <optional>

namespace igotchuu
{

/// That the run of that job has begun its work. Not before it is known that it need not wait, nor for a lock: a server that heard of a start expects an end. Nothing:
/// it does not. Throws Cancelled.
[[nodiscard]] std::optional<Happening> begun(const Subject &subject, const StopRequest &stop);

} // namespace igotchuu
