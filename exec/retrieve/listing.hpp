// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/session.hpp"
#include "exec/retrieve/wanted.hpp"

#include <string>
#include <vector>

namespace igotchuu::retrieve
{

/// What a snapshot has of some paths.
struct Listing {
    Session::Found found;
    Wanted root; ///< the paths, with all that the snapshot has below them
};

/// Of the snapshot that the request names. One start of restic, where that is the newest and there is one repository. Throws Failure where it has not all of the paths, and for what
/// restic could not list; restic::Unreached and Cancelled.
[[nodiscard]] Listing listed(Session &session, const json &request, const std::vector<std::string> &paths);

} // namespace igotchuu::retrieve
