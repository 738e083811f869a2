// SPDX-License-Identifier: MIT
#pragma once

#include "job/tone.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// How many columns of a terminal `text` takes; it is printable, and in the locale's encoding or ASCII.
[[nodiscard]] std::size_t width_of(std::string_view text);
/// `text`, or its beginning and "…", in at most `width` columns.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

/// `text` in lines of at most `width` columns, broken between its words; a word that is longer has a line of its own.
[[nodiscard]] std::vector<std::string> folded(std::string_view text, std::size_t width);

/// Standard output, or what stands for it: a terminal, or not.
class Screen
{
public:
    explicit Screen(int fd);
    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }
    [[nodiscard]] bool is_live() const noexcept { return live_; } ///< see rewrites_lines()
    [[nodiscard]] std::size_t columns() const; ///< as it is now; 80 of what is no terminal
    [[nodiscard]] std::size_t rows() const;
    /// In the colour of `tone` where colours are shown.
    [[nodiscard]] std::string toned(std::string_view text, Tone tone) const;
    /// A line that stays. Throws std::system_error.
    void line(std::string_view text);
    /// Replaces the lines that were shown by this before; each is cut to the width. Writes nothing when they are the same. Only where is_live().
    void live(const std::vector<std::string> &lines);

private:
    void write(std::string_view text) const;
    [[nodiscard]] std::string erased() const;

    int fd_;
    bool terminal_, live_, colour_;
    std::vector<std::string> shown_; ///< live
};

} // namespace igotchuu
