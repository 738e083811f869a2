// SPDX-License-Identifier: MIT
#include "exec/other-end.hpp"

#include "job/error.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::size_t longest = std::size_t{1024} * 1024; // of a line: a restore may name many paths

} // namespace

OtherEnd::OtherEnd(const StopRequest &stop, const std::string &nobody) : stop_{stop}
{
    struct stat info{};
    if (fstat(STDOUT_FILENO, &info) < 0 || !S_ISFIFO(info.st_mode))
        throw Failure{nobody};
}

void OtherEnd::say(std::string line) const
{
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = write(STDOUT_FILENO, rest.data(), rest.size());
        const int error = errno;
        if (written < 0) {
            explicit_bzero(line.data(), line.size());
            fail(error, "cannot answer the program that asks");
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    explicit_bzero(line.data(), line.size());
}

std::optional<std::string> OtherEnd::hear()
{
    std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
    for (;;) {
        if (const auto end = heard_.find('\n'); end != heard_.npos) {
            auto line = heard_.substr(0, end);
            explicit_bzero(heard_.data(), end);
            heard_.erase(0, end + 1);
            return line;
        }
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            fail(errno, "cannot wait for the program that asks");
        if (polled[1].revents != 0)
            return {};
        std::array<char, 4096> buffer;
        const auto got = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got <= 0 || heard_.size() > longest)
            return {};
        heard_.append(buffer.data(), static_cast<std::size_t>(got));
        explicit_bzero(buffer.data(), buffer.size());
    }
}

} // namespace igotchuu
