// SPDX-License-Identifier: MIT
#pragma once

#include "exec/lines.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

struct ChildEnd;

/// What a program of the admin says on standard error: it goes to ours, and so to the journal, line by line under the program's name; the last line is
/// kept for the error that may become of it. No more than the first thousand lines are handed on.
class ProgramWords
{
public:
    explicit ProgramWords(std::string name);
    void feed(std::string_view bytes) { lines_.feed(bytes); }
    void finish(); ///< after the last bytes
    [[nodiscard]] const std::string &last() const noexcept { return last_; } ///< printable; empty: it was silent

private:
    void take(std::string_view line);

    std::string name_, last_;
    int count_ = 0;
    Lines lines_;
};

/// "ended with exit status 7: LAST LINE", of a program that did not end well.
[[nodiscard]] std::string describe(const ChildEnd &end, const ProgramWords &words);

} // namespace igotchuu
