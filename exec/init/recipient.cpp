// SPDX-License-Identifier: MIT
#include "exec/init/recipient.hpp"

#include "job/error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

std::vector<std::string> variables_of(const Repository &repository)
{
    std::vector<std::string> names;
    for (const auto &variable : repository.environment)
        names.push_back(variable.name);
    return names;
}

std::string on_a_line(const json &object)
{
    return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace

Recipient::Recipient(const StopRequest &stop) : stop_{stop}
{
    struct stat info{};
    if (fstat(STDOUT_FILENO, &info) < 0 || !S_ISFIFO(info.st_mode))
        throw Failure{"nobody takes the recovery key: standard output is no pipe (people type: igotchuu repository init NAME)"};
    std::signal(SIGPIPE, SIG_IGN); // that it went away is an error of write(2)
}

void Recipient::say_there(std::string_view id, std::string_view host, std::string_view made)
{
    write(on_a_line({{"message", "there"}, {"id", id}, {"host", host}, {"made", made}}));
}

void Recipient::hand_over(const NewRecoveryKey &made)
{
    const auto &repository = made.repository;
    write(on_a_line({{"message", "recovery-key"},
                     {"key", made.key},
                     {"id", made.id},
                     {"repository", repository.name},
                     {"location", repository.location},
                     {"location_credential", repository.location_from.credential},
                     {"options", repository.options},
                     {"restic_args", repository.restic_args},
                     {"variables", variables_of(repository)},
                     {"working_key", made.working_key},
                     {"made_repository", made.made_repository}}));
    switch (hear("shown")) {
    case Heard::stop:
        throw Cancelled{};
    case Heard::end:
        throw Failure{"the recovery key was not shown to anybody: the program that takes it has gone"};
    case Heard::word:
        break;
    }
}

void Recipient::say_kept()
{
    write(on_a_line({{"message", "kept"}}));
}

bool Recipient::hears_confirmation()
{
    return hear("confirmed") == Heard::word;
}

void Recipient::write(std::string line) const
{
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        const int error = errno;
        if (written < 0) {
            explicit_bzero(line.data(), line.size());
            fail(error, "cannot tell the program that takes the recovery key");
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    explicit_bzero(line.data(), line.size());
}

Recipient::Heard Recipient::hear(std::string_view word)
{
    std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
    for (;;) {
        if (const auto end = heard_.find('\n'); end != heard_.npos) {
            const bool is_it = heard_.substr(0, end) == word;
            heard_.erase(0, end + 1);
            return is_it ? Heard::word : Heard::end;
        }
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            fail(errno, "cannot wait for the program that takes the recovery key");
        if (polled[1].revents != 0)
            return Heard::stop;
        std::array<char, 256> buffer;
        const auto got = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got <= 0 || heard_.size() > buffer.size())
            return Heard::end;
        heard_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace igotchuu
