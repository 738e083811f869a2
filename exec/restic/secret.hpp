// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"
#include "job/job.hpp"

#include <string>
#include <string_view>

namespace igotchuu::restic
{

/// `bytes` in sealed memory, to be inherited by a child and read there as /proc/self/fd/N: neither an argument nor the environment nor a file
/// ever holds them. memfd_create(2).
[[nodiscard]] Fd sealed(std::string_view bytes);

/// The repository's password, as the file or the credential has it (restic itself cuts white space off its ends). Throws Failure that names
/// the file or the credential when it is not there, no regular file, over 64 KiB, or empty.
[[nodiscard]] Fd sealed_password(const Repository &repository, const std::string &credentials_directory);

} // namespace igotchuu::restic
