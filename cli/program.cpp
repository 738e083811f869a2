// SPDX-License-Identifier: MIT
#include "cli/program.hpp"

#include "cli/spawn.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

namespace igotchuu
{

pid_t start_program(const std::vector<std::string> &words, int inherited)
{
    sigset_t all;
    sigfillset(&all);
    const Attributes attributes{all};
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
