// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"
#include "job/search-path.hpp"

#include <expected>
#include <string>

namespace igotchuu
{

inline constexpr std::size_t configuration_file_max = std::size_t{256} * 1024; ///< bytes

/// The text of a configuration file, or why it is not read. Links are followed. It has to be a regular file of at most configuration_file_max
/// bytes that is root's (below a root: or the caller's) and that nobody else may write: who writes a job is root. Opens without waiting for
/// whoever is at the other end of a FIFO.
[[nodiscard]] std::expected<std::string, Diagnostic> read_configuration_file(const std::filesystem::path &root,
                                                                             const std::string &file);

} // namespace igotchuu
