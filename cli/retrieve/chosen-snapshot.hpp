// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace igotchuu
{

/// Which snapshot is meant: without either the newest.
struct SnapshotChoice {
    std::string snapshot{}; ///< what its id begins with, or "latest"
    std::string at{}; ///< a time (instant.hpp): the newest that is not newer
};
/// --snapshot and --at.
void add_snapshot_options(CLI::App &verb, SnapshotChoice &choice);
/// The members of a request that say so. Throws UsageError.
void add_to(nlohmann::json &request, const SnapshotChoice &choice);

} // namespace igotchuu
