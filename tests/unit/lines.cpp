// SPDX-License-Identifier: MIT
#include "exec/lines.hpp"

#include <catch2/catch_test_macros.hpp>
#include <vector>

using igotchuu::Lines;

namespace
{

struct Reading {
    std::vector<std::string> got;
    Lines lines{[this](std::string_view line) { got.emplace_back(line); }};
};

} // namespace

TEST_CASE("lines come whole, however the stream was cut, and the last one needs no newline")
{
    const std::string stream{"one\n\ntwo\0x\nthree", 16};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        Reading reading;
        for (std::size_t at = 0; at < stream.size(); at += size)
            reading.lines.feed(std::string_view{stream}.substr(at, size));
        reading.lines.finish();
        CHECK(reading.got == std::vector<std::string>{"one", "", std::string{"two\0x", 5}, "three"});
        CHECK(reading.lines.dropped() == 0);
    }
}

TEST_CASE("a line of over 1 MiB is dropped and counted, and its neighbours are not")
{
    Reading reading;
    const std::string piece(1000, 'x');
    reading.lines.feed("before\n");
    for (int i = 0; i < 100'000; ++i)
        reading.lines.feed(piece);
    reading.lines.feed("\nafter\n" + std::string(Lines::longest, 'y') + "\n" + std::string(Lines::longest + 1, 'z'));
    reading.lines.finish();
    CHECK(reading.got == std::vector<std::string>{"before", "after", std::string(Lines::longest, 'y')});
    CHECK(reading.lines.dropped() == 2);
}
