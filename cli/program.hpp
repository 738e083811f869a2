// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

/// Another program on our standard input and output, whose signals are as they were. `words`: its path, or a name that is looked for in PATH, and its arguments.
/// Throws std::system_error when it is not there.
[[nodiscard]] pid_t start_program(const std::vector<std::string> &words,
                                  int inherited = -1); ///< `inherited`: a descriptor that it gets, too

/// Waits for it; its exit status, as a shell has it.
[[nodiscard]] int end_of_program(pid_t process);

/// What it prints to its standard output, at most 64 KiB, until it ends or that time is over: then it is killed. It has no input, and what it says of errors is dropped.
[[nodiscard]] std::string output_of_program(const std::vector<std::string> &words, std::chrono::milliseconds at_most);

/// Becomes it.
[[noreturn]] void become_program(const std::vector<std::string> &words);

} // namespace igotchuu
