// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// A QR code, with the quiet zone of four modules that its standard asks for, as half blocks of UTF-8: a line of text is two rows of it.
class QrCode
{
public:
    explicit QrCode(std::string_view text); ///< throws Failure
    [[nodiscard]] std::size_t columns() const noexcept { return width_; }
    /// What is light is drawn, in white on black, whatever the terminal's own colours are: the code is readable on dark and on light ones.
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    [[nodiscard]] bool is_light(std::size_t column, std::size_t row) const;

    std::size_t width_ = 0; ///< with the quiet zone
    std::vector<bool> dark_; ///< row by row, without it
};

} // namespace igotchuu
