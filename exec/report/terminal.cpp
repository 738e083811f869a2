// SPDX-License-Identifier: MIT
#include "exec/report/terminal.hpp"

#include "job/error.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <format>

namespace igotchuu
{
namespace
{

std::size_t columns(int fd)
{
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// The begin of `text` that surely fits: a character beyond ASCII is counted as two columns wide.
std::string_view cut(std::string_view text, std::size_t width)
{
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if ((byte & 0xc0) == 0x80) // not the first of its character
            continue;
        used += byte < 0x80 ? 1 : 2;
        if (used > width)
            return text.substr(0, at);
    }
    return text;
}

} // namespace

Terminal::Terminal(int fd) : fd_{fd}, live_{rewrites_lines(fd)}, colour_{shows_colours(fd)}
{
    std::signal(SIGPIPE, SIG_IGN);
}

Terminal::~Terminal()
{
    try {
        write(erased());
    } catch (const std::system_error &) { // the terminal is gone, and the line with it
    }
}

void Terminal::step(const std::string &text)
{
    if (!live_) {
        line(text);
        return;
    }
    text_ = text;
    draw();
}

void Terminal::progress(const std::string &text)
{
    if (live_)
        step(text);
    else if (std::chrono::steady_clock::now() - last_line_ >= pause)
        line(text);
}

void Terminal::line(std::string_view text, Tone tone)
{
    const auto shown = colour_ ? in_colour(text, tone) : std::string{text};
    write(std::format("{}{}\n", erased(), shown));
    drawn_ = false;
    last_line_ = std::chrono::steady_clock::now();
    if (live_ && !text_.empty())
        draw();
}

void Terminal::end_live() noexcept
{
    text_.clear();
}

void Terminal::draw()
{
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) == 0) // held by Ctrl-S: that must not hold the backup
        return;
    write(std::format("{}{}", erased(), cut(text_, columns(fd_) - 1)));
    drawn_ = true;
}

std::string Terminal::erased() const
{
    return drawn_ ? "\r\033[K" : "";
}

void Terminal::write(std::string_view bytes) const
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0)
            fail(errno, "cannot write to the terminal");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace igotchuu
