// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace igotchuu::restic
{

/// What restic check says is wrong. Where the connection breaks it goes on, and calls each file that it cannot read then, and each that it could not list, a
/// fault of the repository (0.18 and 0.19; over sftp within a second). Of the two only damage is told by words that are not known.
class Unsound
{
public:
    void hear(std::string_view line); ///< of restic's error output

    /// The connection broke, or the server was out of reach.
    [[nodiscard]] bool cut_off() const noexcept { return cut_off_; }
    /// Something else is wrong, or was said in words that are not known.
    [[nodiscard]] bool other() const noexcept { return other_; }
    /// Something is not what was stored.
    [[nodiscard]] bool damaged() const noexcept { return damaged_; }

private:
    bool cut_off_ = false, unlisted_ = false, other_ = false, damaged_ = false;
};

} // namespace igotchuu::restic
