// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/installation.hpp"
#include "exec/stop.hpp"

#include <string>

namespace igotchuu::restic
{

/// What the installed restic is, asked once for each binary and kept in the cache directory (by device, inode, size and mtime): a run then
/// starts restic once.
struct Features {
    std::string version; ///< "0.18.0"
    bool device_id_for_hardlinks = false; ///< named by `restic features`: an unknown name in RESTIC_FEATURES aborts every command
};
/// Throws Failure, with the remedy, when restic is missing, cannot be run, or is older than 0.17 (exit codes 10 and 11, restore --dry-run).
/// Throws Cancelled when asked to stop meanwhile.
[[nodiscard]] Features features(const StopRequest &stop, const Installation &installation = Installation::standard());

} // namespace igotchuu::restic
