// SPDX-License-Identifier: MIT
#include "cli/terminal.hpp"

#include "job/error.hpp"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <langinfo.h>
#include <poll.h>
#include <string.h>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

/// While this object lives, the terminal does not show what is typed.
class Hidden
{
public:
    Hidden()
    {
        if (tcgetattr(STDIN_FILENO, &before_) < 0)
            return; // no terminal
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0)
            fail(errno, "cannot keep the terminal from showing the key");
        is_set_ = true;
    }
    ~Hidden()
    {
        if (is_set_)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Hidden(const Hidden &) = delete;
    Hidden &operator=(const Hidden &) = delete;

private:
    termios before_{};
    bool is_set_ = false;
};

std::optional<std::string> read_line(const StopSignals &stop)
{
    constexpr std::size_t most = 4096;
    std::string line;
    line.reserve(most + 1); // one that grows leaves copies behind
    for (;;) {
        std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            fail(errno, "cannot wait for an answer");
        if (polled[1].revents != 0)
            return {};
        char character = 0;
        const auto got = read(STDIN_FILENO, &character, 1); // no more than the line: the rest is somebody else's
        if (got < 0 && errno != EINTR)
            fail(errno, "cannot read the answer");
        if (got == 0)
            return line.empty() ? std::nullopt : std::optional{line};
        if (got > 0 && character == '\n')
            return line;
        if (got > 0 && line.size() < most)
            line += character;
    }
}

} // namespace

bool somebody_is_there()
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

bool shows_blocks(std::size_t columns)
{
    const auto *const terminal = std::getenv("TERM");
    winsize size{};
    if (isatty(STDOUT_FILENO) != 1 || terminal == nullptr || std::string_view{terminal} == "dumb" ||
        std::string_view{nl_langinfo(CODESET)} != "UTF-8")
        return false;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_col >= columns;
}

std::optional<std::string> ask(const std::string &prompt, Echo echo, const StopSignals &stop)
{
    std::optional<Hidden> hidden;
    if (echo == Echo::off)
        hidden.emplace(); // before the prompt: who types at once is shown otherwise, or not heard
    const bool is_typed = isatty(STDIN_FILENO) == 1;
    auto &screen = isatty(STDOUT_FILENO) == 1 ? std::cout : std::cerr;
    if (is_typed)
        screen << prompt << std::flush;
    auto line = read_line(stop);
    if (!line && is_typed)
        screen << std::endl;
    return line;
}

std::optional<Consent> consent_in(std::string_view answer, Consent on_enter)
{
    std::string word;
    for (const auto character : answer)
        if (character != ' ' && character != '\t')
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    if (word.empty())
        return on_enter;
    if (word == "y" || word == "yes")
        return Consent::given;
    return word == "n" || word == "no" ? std::optional{Consent::refused} : std::nullopt;
}

std::optional<Consent> ask_for_consent(const std::string &question, Consent on_enter, const StopSignals &stop)
{
    while (const auto answer = ask(question, Echo::on, stop))
        if (const auto consent = consent_in(*answer, on_enter))
            return consent;
    return {};
}

} // namespace igotchuu
