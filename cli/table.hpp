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

/// Rows of cells, each column as wide as its widest cell.
class Table
{
public:
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    /// Takes a column away, of which every row has a cell: it says nothing.
    void drop(std::size_t column);
    /// One a row, all of it.
    [[nodiscard]] std::vector<std::string> lines(const Screen &screen) const
    {
        return lines(screen, std::string::npos, std::string::npos);
    }
    /// For an overview: a first cell of more than `first_max` columns is cut, and so is what goes beyond a terminal's edge.
    [[nodiscard]] std::vector<std::string> cut_lines(const Screen &screen, std::size_t first_max) const
    {
        return lines(screen, first_max, screen.is_terminal() ? screen.columns() : std::string::npos);
    }

private:
    [[nodiscard]] std::vector<std::string> lines(const Screen &screen, std::size_t first_max, std::size_t edge) const;

    std::vector<std::vector<Cell>> rows_;
};

} // namespace igotchuu
