// SPDX-License-Identifier: MIT
#include "cli/program.hpp"

#include "cli/spawn.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

/// With signals as they are by default.
pid_t start(const std::vector<std::string> &words, const FileActions &actions)
{
    sigset_t all;
    sigfillset(&all);
    const Attributes attributes{all};
    pid_t process = -1;
    if (const int error = posix_spawnp(&process, words.front().c_str(), &actions, &attributes, arguments_of(words).data(), environ))
        fail(error, "cannot start {}", words.front());
    return process;
}

/// What comes until its end, until there is as much, or until the time has come.
std::string read_until(const Fd &from, std::size_t most, std::chrono::steady_clock::time_point until)
{
    std::string text(most, '\0');
    std::size_t filled = 0;
    for (ssize_t got = 1; got > 0 && filled < most;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd polled{from.get(), POLLIN, 0};
        if (left <= 0 || poll(&polled, 1, static_cast<int>(left)) <= 0)
            break;
        got = read(from.get(), text.data() + filled, most - filled);
        filled += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    text.resize(filled);
    return text;
}

} // namespace

pid_t start_program(const std::vector<std::string> &words, int inherited)
{
    FileActions actions;
    if (inherited >= 0)
        posix_spawn_file_actions_adddup2(&actions, inherited, inherited); // the same number: it loses its close-on-exec
    return start(words, actions);
}

int end_of_program(pid_t process)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            fail(errno, "cannot wait for process {}", process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string output_of_program(const std::vector<std::string> &words, std::chrono::milliseconds at_most)
{
    constexpr std::size_t most = std::size_t{64} * 1024;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0)
        fail(errno, "cannot make a pipe");
    const Fd from{ends[0]};
    Fd into{ends[1]};
    FileActions actions;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, into.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const auto process = start(words, actions);
    into = Fd{};
    auto output = read_until(from, most, std::chrono::steady_clock::now() + at_most);
    kill(process, SIGKILL); // one that has said all has ended, or does so without loss
    static_cast<void>(end_of_program(process));
    return output;
}

void become_program(const std::vector<std::string> &words)
{
    execvp(words.front().c_str(), arguments_of(words).data());
    fail(errno, "cannot start {}", words.front());
}

} // namespace igotchuu
