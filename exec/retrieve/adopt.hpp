// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <sys/stat.h>

namespace igotchuu::retrieve
{

/// Gives the directory `to` the extended attributes of `from` (ACLs are some of them), and owner, rights and times of `status`, as far as we may. Whether that was all.
[[nodiscard]] bool adopt_metadata(const Fd &from, const struct stat &status, const Fd &to);

/// Whether the file system knows of extended attributes. Where it does not, restic restores none, and says nothing (0.18). Leaves the directory as it was.
[[nodiscard]] bool keeps_attributes(const Fd &directory);

} // namespace igotchuu::retrieve
