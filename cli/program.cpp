// SPDX-License-Identifier: MIT
#include "cli/program.hpp"

#include "job/error.hpp"
#include "job/fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

std::vector<char *> arguments_of(const std::vector<std::string> &words)
{
    std::vector<char *> arguments;
    for (const auto &word : words)
        arguments.push_back(const_cast<char *>(word.c_str())); // exec(3) wants char *const[] and writes nothing
    arguments.push_back(nullptr);
    return arguments;
}

struct Attributes : posix_spawnattr_t {
    Attributes()
    {
        posix_spawnattr_init(this);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(this, &none); // ours may be blocked
        posix_spawnattr_setsigdefault(this, &all);
        posix_spawnattr_setflags(this, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Attributes() { posix_spawnattr_destroy(this); }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
};

struct FileActions : posix_spawn_file_actions_t {
    FileActions() { posix_spawn_file_actions_init(this); }
    ~FileActions() { posix_spawn_file_actions_destroy(this); }
    FileActions(const FileActions &) = delete;
    FileActions &operator=(const FileActions &) = delete;
};

} // namespace

pid_t start_program(const std::vector<std::string> &words, int inherited)
{
    const Attributes attributes;
    FileActions actions;
    if (inherited >= 0)
        posix_spawn_file_actions_adddup2(&actions, inherited, inherited); // the same number: it loses its close-on-exec
    pid_t process = -1;
    if (const int error = posix_spawnp(&process, words.front().c_str(), &actions, &attributes, arguments_of(words).data(), environ))
        fail(error, "cannot start {}", words.front());
    return process;
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
    const Attributes attributes;
    FileActions actions;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, into.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t process = -1;
    if (const int error = posix_spawnp(&process, words.front().c_str(), &actions, &attributes, arguments_of(words).data(), environ))
        fail(error, "cannot start {}", words.front());
    into = Fd{};
    std::string output(most, '\0');
    std::size_t filled = 0;
    const auto until = std::chrono::steady_clock::now() + at_most;
    for (ssize_t got = 1; got > 0 && filled < most;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd polled{from.get(), POLLIN, 0};
        if (left <= 0 || poll(&polled, 1, static_cast<int>(left)) <= 0)
            break;
        got = read(from.get(), output.data() + filled, most - filled);
        filled += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    kill(process, SIGKILL); // one that has said all has ended, or does so without loss
    static_cast<void>(end_of_program(process));
    output.resize(filled);
    return output;
}

void become_program(const std::vector<std::string> &words)
{
    execvp(words.front().c_str(), arguments_of(words).data());
    fail(errno, "cannot start {}", words.front());
}

} // namespace igotchuu
