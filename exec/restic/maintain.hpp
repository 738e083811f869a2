// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/start.hpp"
#include "job/error.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace igotchuu::restic
{

// What a maintenance asks of restic. All of these throw Cancelled when restic was asked to end and did, Locked when the repository is locked (prune and check wait
// for five minutes first), and Failure with a sentence for what else goes wrong; a server that is lost on the way is such a failure.

/// Somebody else has the repository. what() is a sentence.
struct Locked : Failure {
    using Failure::Failure;
};

/// Hears how far restic is, in its words: "[0:05] 42.00%  3 / 7 packs".
using Hear = std::function<void(std::string_view progress)>;

/// Removes what no snapshot needs. Returns how many bytes that were, in restic's three decimals.
[[nodiscard]] std::uint64_t prune(const Starter &starter, const Access &access, const Hear &hear);

/// Checks the repository, and of all data the part `part` of `parts` (from 1 on). False: restic has found faults, and said each to the listener. Where all that it
/// found is that the connection broke, that is a Failure.
[[nodiscard]] bool check(const Starter &starter, const Access &access, std::uint32_t part, std::uint32_t parts, const Hear &hear);

/// The bytes of a line of prune's: "total prune:  25 blobs / 30.003 MiB". Nothing for another line.
[[nodiscard]] std::optional<std::uint64_t> bytes_pruned(std::string_view line);

} // namespace igotchuu::restic
