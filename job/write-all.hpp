// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// All of `text`, however often the kernel takes a part of it. `path` is for the error. Throws std::system_error.
void write_all(const Fd &file, std::string_view text, const std::string &path);

} // namespace igotchuu
