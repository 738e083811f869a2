// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/snapshots.hpp"
#include "exec/retrieve/conversation.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu::retrieve
{

/// In which of a place's snapshots something is, by their numbers in its list: mostly in many that follow each other, and thus few pairs.
class Occurrences
{
public:
    /// The numbers come in any order; quickest when they rise.
    void add(std::size_t snapshot);
    void add(const Occurrences &other);
    [[nodiscard]] bool meets(const Occurrences &other) const; ///< in one snapshot at least
    [[nodiscard]] std::size_t newest() const { return spans_.front().first; } ///< the lowest number; there is one
    [[nodiscard]] json message() const; ///< [[first, last], …]

private:
    std::vector<std::pair<std::size_t, std::size_t>> spans_; ///< rising, apart
};

/// The number of each of them by its id.
[[nodiscard]] std::map<std::string, std::size_t> numbers_of(std::span<const restic::Stored> snapshots);

} // namespace igotchuu::retrieve
