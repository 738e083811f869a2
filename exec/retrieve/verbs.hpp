// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/session.hpp"

namespace igotchuu::retrieve
{

// What can be asked for by a request's member "verb". Each says what it finds, and throws std::exception for what keeps it from finding anything.

// {"message": "snapshot"} stands before what is said of a snapshot, or of several by their numbers in a place's list.

/// {"message": "snapshot"} for each of them.
void say_snapshots(Session &session, const json &request);
/// {"message": "entry"} for what is in a directory of a snapshot.
void say_list(Session &session, const json &request);
/// {"message": "found"} for each path that fits a pattern, with the snapshots that it is in.
void say_found(Session &session, const json &request);
/// {"message": "change"} for what two snapshots do not have in common, and {"message": "differences"}.
void say_differences(Session &session, const json &request);
/// {"message": "state"} for each that a file has in snapshots.
void say_versions(Session &session, const json &request);
/// {"message": "left out"} for what is on the disk and not in the newest snapshot, {"message": "grown"} for what has grown between the last two, {"message": "audited"}.
void say_audit(Session &session, const json &request);

/// {"message": "plan"}; and after {"go": true} {"message": "progress"} and {"message": "restored"}.
void restore(Session &session, const json &request);

/// {"message": "mounted"}, and nothing more until it ends: when it is stopped, when somebody unmounts it, or when the other end of the conversation goes.
void mount(Session &session, const json &request);

} // namespace igotchuu::retrieve
