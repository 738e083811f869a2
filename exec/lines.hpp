// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace igotchuu
{

/// Cuts a stream of bytes into lines, in constant memory: a line of more than `longest` bytes is dropped and counted, whoever wrote it.
class Lines
{
public:
    static constexpr std::size_t longest = std::size_t{1024} * 1024;

    /// `take` gets each line without its newline; the view is good until it returns.
    explicit Lines(std::function<void(std::string_view)> take) : take_{std::move(take)} {}
    void feed(std::string_view bytes);
    void finish(); ///< a last line needs no newline
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    void add(std::string_view bytes);
    void end_line();

    std::function<void(std::string_view)> take_;
    std::string line_;
    std::uint64_t dropped_ = 0;
    bool too_long_ = false;
};

} // namespace igotchuu
