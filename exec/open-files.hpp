// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

namespace igotchuu
{

/// How many files this process may have open, from here on: the soft limit (1,024 in a unit) becomes the hard one. Throws std::system_error.
rlim_t raise_limit_of_open_files();

} // namespace igotchuu
