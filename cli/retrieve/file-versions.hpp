// SPDX-License-Identifier: MIT
#pragma once

#include "cli/retrieve/stored-file.hpp"
#include "cli/retrieve/stored-snapshots.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// One state of a file, and the snapshots that have it, in whatever repository.
struct FileVersion {
    StoredFile file;
    std::vector<std::string> modified; ///< RFC 3339: it was written more than once with these contents
    std::vector<StoredSnapshot> snapshots; ///< the newest first
};
/// Of a "state" of igotchuu-exec's, in one repository. Throws Failure.
[[nodiscard]] FileVersion file_version(const nlohmann::json &message, const StoredSnapshots &snapshots);

/// The states of all repositories: what two of them have of one instant, or of one time of change, with the same size, is one. What one repository tells apart
/// stays so. The newest first.
[[nodiscard]] std::vector<FileVersion> versions_of(const std::vector<FileVersion> &states);

} // namespace igotchuu
