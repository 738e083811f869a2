// SPDX-License-Identifier: MIT
#pragma once

#include "cli/screen.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

struct Cell {
    std::string text; ///< printable
    Tone tone = Tone::plain;
};

/// Rows of cells, each column as wide as its widest cell. What goes beyond a terminal's edge is cut.
class Table
{
public:
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    /// One a row. A first cell of more than `first_max` columns is cut.
    [[nodiscard]] std::vector<std::string> lines(const Screen &screen, std::size_t first_max) const;

private:
    std::vector<std::vector<Cell>> rows_;
};

} // namespace igotchuu
