// SPDX-License-Identifier: MIT
#include "exec/program-words.hpp"

#include "exec/child.hpp"
#include "job/diagnostic.hpp"

#include <format>
#include <iostream>
#include <utility>

namespace igotchuu
{
namespace
{

constexpr int most_lines = 1000;
constexpr std::size_t most_quoted = 500; // bytes of a line in an error

} // namespace

ProgramWords::ProgramWords(std::string name) : name_{std::move(name)}, lines_{[this](std::string_view line) { take(line); }} {}

void ProgramWords::take(std::string_view line)
{
    if (line.find_first_not_of(" \t\r") == line.npos)
        return;
    last_ = printable(line, most_quoted);
    if (++count_ <= most_lines)
        std::cerr << name_ << ": " << printable(line) << '\n';
}

void ProgramWords::finish()
{
    lines_.finish();
    if (count_ > most_lines)
        std::cerr << name_ << ": " << count_ - most_lines << " lines more\n";
}

std::string describe(const ChildEnd &end, const ProgramWords &words)
{
    auto sentence =
        end.signal != 0 ? std::format("was ended by signal {}", end.signal) : std::format("ended with exit status {}", end.status);
    if (!words.last().empty())
        sentence += ": " + words.last();
    return sentence;
}

} // namespace igotchuu
