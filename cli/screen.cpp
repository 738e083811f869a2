// SPDX-License-Identifier: MIT
#include "cli/screen.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <cwchar>
#include <format>
#include <ranges>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

/// The first character of `text`: its bytes, and its columns.
std::pair<std::size_t, std::size_t> first_character(std::string_view text)
{
    std::mbstate_t state{};
    wchar_t character = 0;
    const auto bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) // not of this locale
        return {1, 1};
    const auto columns = wcwidth(character);
    return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

winsize size_of(int fd)
{
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) < 0)
        size = {};
    return size;
}

} // namespace

std::size_t width_of(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty()) {
        const auto [bytes, columns] = first_character(text);
        width += columns;
        text.remove_prefix(bytes);
    }
    return width;
}

std::string cut(std::string_view text, std::size_t width)
{
    if (width_of(text) <= width)
        return std::string{text};
    std::size_t used = 0, end = 0;
    while (end < text.size()) {
        const auto [bytes, columns] = first_character(text.substr(end));
        if (used + columns + 1 > width) // the sign for the rest
            break;
        used += columns;
        end += bytes;
    }
    return std::string{text.substr(0, end)} + (width == 0 ? "" : "…");
}

std::vector<std::string> folded(std::string_view text, std::size_t width)
{
    std::vector<std::string> lines(1);
    for (const auto part : std::views::split(text, ' ')) {
        const std::string_view word{part};
        if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width)
            lines.emplace_back();
        lines.back() += lines.back().empty() ? "" : " ";
        lines.back() += word;
    }
    return lines;
}

Screen::Screen(int fd) : fd_{fd}, terminal_{isatty(fd) == 1}, live_{rewrites_lines(fd)}, colour_{shows_colours(fd)} {}

std::size_t Screen::columns() const
{
    const auto size = size_of(fd_);
    return size.ws_col == 0 ? 80 : size.ws_col;
}

std::size_t Screen::rows() const
{
    const auto size = size_of(fd_);
    return size.ws_row == 0 ? 24 : size.ws_row;
}

std::string Screen::toned(std::string_view text, Tone tone) const
{
    return colour_ ? in_colour(text, tone) : std::string{text};
}

/// Takes the live lines away: the cursor goes up to the first of them.
std::string Screen::erased() const
{
    return shown_.empty() ? std::string{} : std::format("\033[{}A\r\033[J", shown_.size());
}

void Screen::line(std::string_view text)
{
    std::string all = std::format("{}{}\n", erased(), text);
    for (const auto &line : shown_)
        all += line + '\n';
    write(all);
}

void Screen::live(const std::vector<std::string> &lines)
{
    std::vector<std::string> fitting;
    for (const auto &line : lines)
        fitting.push_back(cut(line, columns() - 1)); // one in the last column wraps on some terminals
    if (fitting == shown_)
        return;
    auto all = erased();
    shown_ = std::move(fitting);
    for (const auto &line : shown_)
        all += line + '\n';
    write(all);
}

void Screen::write(std::string_view text) const
{
    while (!text.empty()) {
        const auto written = ::write(fd_, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            fail(errno, "cannot write to standard output");
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

} // namespace igotchuu
