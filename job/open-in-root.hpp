// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <filesystem>

namespace igotchuu
{

/// open(2) with O_CLOEXEC of an absolute path; with a root, below that directory, where absolute links and ".." end as well. No descriptor:
/// see errno.
[[nodiscard]] Fd open_in_root(const std::filesystem::path &root, const std::filesystem::path &path, int flags);

} // namespace igotchuu
