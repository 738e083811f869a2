// SPDX-License-Identifier: MIT
#pragma once

#include "job/tone.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace igotchuu
{

/// What a person sees who starts a run by hand. On a terminal: one live line below the lines that stay. Into a pipe or file: lines that stay,
/// of progress at most one in ten seconds. All but the constructor and destructor throw std::system_error when it cannot be written.
class Terminal
{
public:
    /// `fd` is borrowed. TERM and NO_COLOR are read here. SIGPIPE is ignored from here on: a reader who goes away must not kill a run.
    explicit Terminal(int fd);
    ~Terminal(); ///< takes the live line away
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    void step(const std::string &text); ///< the run does something else now
    void progress(const std::string &text);
    void line(std::string_view text, Tone tone = Tone::plain); ///< one that stays; `text` is printable
    void end_live() noexcept; ///< no live line any more: it is erased with the next line

private:
    void draw();
    void write(std::string_view bytes) const;
    [[nodiscard]] std::string erased() const;

    static constexpr std::chrono::seconds pause{10}; ///< between two lines of progress in a pipe

    int fd_;
    bool live_; ///< a terminal that can rewrite a line
    bool colour_;
    bool drawn_ = false;
    std::string text_; ///< of the live line
    std::chrono::steady_clock::time_point last_line_{};
};

} // namespace igotchuu
