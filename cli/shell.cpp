// SPDX-License-Identifier: MIT
#include "cli/shell.hpp"

namespace igotchuu
{

std::string shell_word(std::string_view word)
{
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:.,@%+=_-";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos)
        return std::string{word};
    std::string quoted = "'";
    for (const auto character : word)
        quoted += character == '\'' ? std::string{"'\\''"} : std::string{character};
    return quoted + '\'';
}

} // namespace igotchuu
