// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/session.hpp"

#include <string>

namespace igotchuu::retrieve
{

/// For a path that the snapshot does not have: throws Failure, with the path that was perhaps meant, for which restic is asked what is where the path goes astray.
[[noreturn]] void refuse_absent(const Session::Found &chosen, const std::string &path);

} // namespace igotchuu::retrieve
