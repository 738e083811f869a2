// SPDX-License-Identifier: MIT
#include "cli/program.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <csignal>
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

void become_program(const std::vector<std::string> &words)
{
    execvp(words.front().c_str(), arguments_of(words).data());
    fail(errno, "cannot start {}", words.front());
}

} // namespace igotchuu
