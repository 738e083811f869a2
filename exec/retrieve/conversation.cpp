// SPDX-License-Identifier: MIT
#include "exec/retrieve/conversation.hpp"

#include "job/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

constexpr std::size_t longest = std::size_t{1024} * 1024; // of a line: a restore may name many paths

std::optional<json> object_in(std::string_view line)
{
    auto object = json::parse(line, nullptr, false);
    return object.is_object() ? std::optional{std::move(object)} : std::nullopt;
}

} // namespace

Conversation::Conversation(const StopRequest &stop) : stop_{stop}
{
    struct stat info{};
    if (fstat(STDOUT_FILENO, &info) < 0 || !S_ISFIFO(info.st_mode))
        throw Failure{"nobody listens: standard output is no pipe (people type: igotchuu snapshots NAME)"};
    std::signal(SIGPIPE, SIG_IGN); // that it went away is an error of write(2)
}

void Conversation::say(const json &message)
{
    const auto line = message.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
    for (std::string_view rest = line; !rest.empty();) {
        const auto written = write(STDOUT_FILENO, rest.data(), rest.size());
        if (written < 0)
            fail(errno, "cannot answer the program that asks");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::optional<json> Conversation::hear()
{
    std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
    for (;;) {
        if (const auto end = heard_.find('\n'); end != heard_.npos) {
            auto object = object_in(std::string_view{heard_}.substr(0, end));
            explicit_bzero(heard_.data(), end);
            heard_.erase(0, end + 1);
            return object;
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

bool Conversation::is_over() const
{
    pollfd polled{STDIN_FILENO, 0, 0}; // that it was hung up is always told
    return poll(&polled, 1, 0) > 0 && (polled.revents & POLLHUP);
}

} // namespace igotchuu::retrieve
