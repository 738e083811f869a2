// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/session.hpp"

namespace igotchuu::retrieve
{

/// Whether the request names the newest snapshot, or none, which is the same.
[[nodiscard]] bool is_newest(const json &request);

/// The snapshot that a request means: the member "snapshot" begins its id, or is "latest"; of "at", a time, the newest that is not newer; without both: the newest.
/// Throws Failure.
[[nodiscard]] Session::Found chosen(Session &session, const json &request);

} // namespace igotchuu::retrieve
