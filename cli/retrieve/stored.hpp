// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// A snapshot of restic's in a repository, as igotchuu-exec tells of it.
struct StoredSnapshot {
    std::string repository, id, host;
    std::string job; ///< its instance; empty: none of igotchuu's
    Clock::time_point time; ///< of what it holds
    std::vector<std::string> paths;
    std::uint64_t files = 0, bytes = 0; ///< 0: unknown
};
/// Throws Failure for what is none.
[[nodiscard]] StoredSnapshot stored_snapshot(const nlohmann::json &message);

/// "1f2e3d4c of 2026-11-25 03:00:07", and " on laptop" where that is not `here`, this machine's host name. Printable.
[[nodiscard]] std::string snapshot_text(const StoredSnapshot &snapshot, std::string_view here);
/// Whether one of them is of another host than `here`.
[[nodiscard]] bool are_from_elsewhere(std::span<const StoredSnapshot> snapshots, std::string_view here);

/// A time as igotchuu-exec writes it. Throws Failure.
[[nodiscard]] Clock::time_point time_from(const std::string &text);

} // namespace igotchuu
