// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/session.hpp"

namespace igotchuu::retrieve
{

// What can be asked for by a request's member "verb". Each says what it finds, and throws std::exception for what keeps it from finding anything.

/// {"message": "snapshot"} for each of them.
void say_snapshots(Session &session, const json &request);

/// {"message": "plan"}; and after {"go": true} {"message": "progress"} and {"message": "restored"}.
void restore(Session &session, const json &request);

} // namespace igotchuu::retrieve
