// SPDX-License-Identifier: MIT
#pragma once

#include "exec/notify/happening.hpp"
#include "exec/notify/told.hpp"

#include <filesystem>
#include <string>

namespace igotchuu
{

/// Which run of a unit was told of last, and whether what was told is a failure that nobody has called over yet; of looks and sends, who was told what of it.
class Remembered
{
public:
    explicit Remembered(const Subject &subject);
    [[nodiscard]] bool is_told(const std::string &invocation_id) const
    {
        return !invocation_id.empty() && invocation_id == invocation_id_;
    }
    [[nodiscard]] bool failure() const noexcept { return failure_; }
    void keep(const std::string &invocation_id,
              bool failure); ///< where it cannot be kept that is said: to tell it now is worth more
    [[nodiscard]] Told &told() noexcept { return told_; }

private:
    std::filesystem::path path_;
    std::string invocation_id_;
    bool failure_ = false;
    Told told_;
};

} // namespace igotchuu
