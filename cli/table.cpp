// SPDX-License-Identifier: MIT
#include "cli/table.hpp"

#include <algorithm>
#include <cstddef>

namespace igotchuu
{

void Table::drop(std::size_t column)
{
    for (auto &row : rows_)
        row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
}

std::vector<std::string> Table::lines(const Screen &screen, std::size_t first_max, std::size_t edge) const
{
    const auto shown = [&](const std::vector<Cell> &row, std::size_t column) {
        return column == 0 ? cut(row[0].text, first_max) : row[column].text;
    };
    std::vector<std::size_t> widths;
    for (const auto &row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width_of(shown(row, column)));
    }
    std::vector<std::string> lines;
    for (const auto &row : rows_) {
        std::string line;
        std::size_t left = edge;
        for (std::size_t column = 0; column < row.size() && left > 0; ++column) {
            const auto text = cut(shown(row, column), left);
            line += screen.toned(text, row[column].tone);
            if (column + 1 < row.size() && widths[column] + 2 < left)
                line += std::string(widths[column] - width_of(text) + 2, ' ');
            left -= std::min(left, widths[column] + 2);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace igotchuu
