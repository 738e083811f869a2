// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/plan.hpp"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace igotchuu::restic
{

/// Which of the snapshots that restic was asked to remove it says that it has not. restic 0.18 says so on its error output, and exits with 0.
class Unremoved
{
public:
    explicit Unremoved(std::span<const PlannedSnapshot> asked);
    void hear(std::string_view line); ///< of restic's error output
    [[nodiscard]] std::size_t count() const noexcept { return left_.size(); }
    [[nodiscard]] const std::string &word() const noexcept { return word_; } ///< the first line that said so; empty: none did

private:
    std::set<std::string, std::less<>> asked_, left_;
    std::string word_;
};

} // namespace igotchuu::restic
