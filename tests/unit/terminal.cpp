// SPDX-License-Identifier: MIT
#include "exec/report/terminal.hpp"
#include "job/fd.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <system_error>

using namespace igotchuu;

namespace
{

std::string read_what_is_there(const Fd &fd)
{
    std::string text;
    pollfd ready{.fd = fd.get(), .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 100) == 1 && (ready.revents & POLLIN) != 0) {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::read(fd.get(), bytes.data(), bytes.size());
        if (got <= 0)
            break;
        text.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return text;
}

/// A terminal of 40 columns that somebody looks at.
struct Window {
    Window()
    {
        ::setenv("TERM", "xterm", 1);
        ::unsetenv("NO_COLOR");
        const winsize size{.ws_row = 24, .ws_col = 40, .ws_xpixel = 0, .ws_ypixel = 0};
        int master = -1, slave = -1;
        REQUIRE(::openpty(&master, &slave, nullptr, nullptr, &size) == 0);
        screen = Fd{master};
        program = Fd{slave};
    }
    [[nodiscard]] std::string shown() const { return read_what_is_there(screen); }
    Fd screen, program;
};

struct Pipe {
    Pipe()
    {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        out = Fd{ends[0]};
        in = Fd{ends[1]};
    }
    Fd out, in;
};

} // namespace

TEST_CASE("on a terminal one line is rewritten, and gone at the end")
{
    const Window window;
    {
        Terminal terminal{window.program.get()};
        terminal.step("home: taking the snapshot");
        terminal.progress("home: 1 %");
        terminal.progress("home: 2 %");
    }
    CHECK(window.shown() == "home: taking the snapshot\r\033[Khome: 1 %\r\033[Khome: 2 %\r\033[K");
}

TEST_CASE("a line that stays goes above the live line")
{
    const Window window;
    Terminal terminal{window.program.get()};
    terminal.step("live");
    terminal.line("stays");
    terminal.end_live();
    terminal.line("the end", Tone::good);
    CHECK(window.shown() == "live\r\033[Kstays\r\nlive\r\033[K\033[32mthe end\033[0m\r\n");
}

TEST_CASE("the live line never wraps, and is not cut within a character")
{
    const Window window;
    Terminal terminal{window.program.get()};
    terminal.step(std::string(100, 'x'));
    CHECK(window.shown() == std::string(39, 'x'));
    std::string umlauts;
    for (int i = 0; i < 100; ++i)
        umlauts += "ö";
    terminal.step(umlauts);
    CHECK(window.shown() == "\r\033[K" + umlauts.substr(0, 19 * 2));
}

TEST_CASE("no colour where NO_COLOR is set, no rewriting where TERM is dumb")
{
    const Window window;
    ::setenv("NO_COLOR", "1", 1);
    {
        Terminal terminal{window.program.get()};
        terminal.line("bad", Tone::bad);
    }
    CHECK(window.shown() == "bad\r\n");
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "dumb", 1);
    {
        Terminal terminal{window.program.get()};
        terminal.step("step");
        terminal.line("bad", Tone::bad);
    }
    CHECK(window.shown() == "step\r\nbad\r\n");
}

TEST_CASE("a terminal that is held by Ctrl-S does not hold the run")
{
    const Window window;
    REQUIRE(::tcflow(window.program.get(), TCOOFF) == 0);
    Terminal terminal{window.program.get()};
    terminal.step("live");
    REQUIRE(::tcflow(window.program.get(), TCOON) == 0);
    CHECK(window.shown().empty());
}

TEST_CASE("a pipe gets plain lines: each step, and not each progress")
{
    const Pipe pipe;
    {
        Terminal terminal{pipe.in.get()};
        terminal.step("one");
        terminal.progress("1 %");
        terminal.progress("2 %");
        terminal.step("two");
        terminal.line("bad", Tone::bad);
        terminal.end_live();
    }
    CHECK(read_what_is_there(pipe.out) == "one\ntwo\nbad\n");
}

TEST_CASE("a reader who went away is an error that can be caught, not the end of the run")
{
    Pipe pipe;
    Terminal terminal{pipe.in.get()};
    pipe.out = Fd{}; // closes it
    CHECK_THROWS_AS(terminal.line("anybody there?"), std::system_error);
}
