// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <functional>
#include <string>

namespace igotchuu
{

/// In what a restored regular file is not its original: "contents", "size", "mode", "time of modification"; empty: in nothing. Owners and attributes are not looked
/// at, nor the mode of what is setuid or setgid: restic may not set them here. Both open for reading. Throws std::system_error, with `path`, when one cannot be read.
[[nodiscard]] std::string difference(const Fd &original, const Fd &restored, const std::string &path);

/// Reads it to the end; 0: it can be read; ECANCELED: `ends`, which is asked every now and then, said so.
[[nodiscard]] int error_of_reading(const Fd &file, const std::function<bool()> &ends);

} // namespace igotchuu
