// SPDX-License-Identifier: MIT
#include "exec/sample.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <format>
#include <set>

using namespace igotchuu;

TEST_CASE("a few large files are drawn from among a million small ones, and none twice")
{
    Sample sample{20};
    for (int number = 0; number < 1'000'000; ++number)
        sample.offer(std::format("/small/{}", number), 100);
    for (int number = 0; number < 3; ++number)
        sample.offer(std::format("/large/{}", number), 5'000'000);
    const auto drawn = sample.drawn(64'000'000);
    CHECK(drawn.size() == 20);
    CHECK(std::ranges::count_if(drawn, [](const auto &path) { return path.starts_with("/large/"); }) == 3);
    CHECK(std::set(drawn.begin(), drawn.end()).size() == 20);
}

TEST_CASE("what is drawn has room, and what has none is left out")
{
    Sample sample{10};
    for (const std::uint64_t size : {0U, 1U, 600U, 600U, 5000U})
        sample.offer(std::format("/{}", size), size);
    CHECK(sample.drawn(std::uint64_t{2} * 4096).size() == 3); // one of 600: each takes whole pages
    CHECK(Sample{10}.drawn(1000).empty());
}

TEST_CASE("each file is drawn at some time, and others each time")
{
    std::set<std::string> seen;
    for (int round = 0; round < 200; ++round) {
        Sample sample{3};
        for (int number = 0; number < 30; ++number)
            sample.offer(std::to_string(number), 10);
        for (const auto &path : sample.drawn(100'000))
            seen.insert(path);
    }
    CHECK(seen.size() == 30);
}
