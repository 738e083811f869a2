// SPDX-License-Identifier: MIT
#include "job/amount.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>

using namespace igotchuu;
using namespace std::chrono_literals;

TEST_CASE("bytes are short, in IEC units, and never 1024 of one")
{
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(1023) == "1023 B");
    CHECK(bytes_text(1024) == "1.0 KiB");
    CHECK(bytes_text(12'900'000) == "12.3 MiB");
    CHECK(bytes_text(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(bytes_text(1023 * 1024) == "1023 KiB");
    CHECK(bytes_text(100 * 1024) == "100 KiB");
    CHECK(bytes_text(102'399) == "100 KiB");
    CHECK(bytes_text(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
}

TEST_CASE("durations are short, and never 60 seconds")
{
    CHECK(duration_text(0us) == "0.0 ms");
    CHECK(duration_text(420us) == "0.4 ms");
    CHECK(duration_text(9'960us) == "10 ms");
    CHECK(duration_text(850ms) == "850 ms");
    CHECK(duration_text(999'700us) == "1.0 s");
    CHECK(duration_text(4'240ms) == "4.2 s");
    CHECK(duration_text(59'600ms) == "1 min");
    CHECK(duration_text(80s) == "1 min 20 s");
    CHECK(duration_text(3'599'600ms) == "1 h");
    CHECK(duration_text(2h + 5min) == "2 h 5 min");
    CHECK(duration_text(24h) == "1 d");
    CHECK(duration_text(76h) == "3 d 4 h");
}

TEST_CASE("the time left is no more exact than an estimate")
{
    CHECK(time_left_text(45s) == "45 s");
    CHECK(time_left_text(60s) == "1 min");
    CHECK(time_left_text(130s) == "3 min");
    CHECK(time_left_text(2h + 4min + 1s) == "2 h 5 min");
}

TEST_CASE("numbers are grouped, and one is not many")
{
    CHECK(number_text(0) == "0");
    CHECK(number_text(999) == "999");
    CHECK(number_text(1000) == "1,000");
    CHECK(number_text(1'234'567) == "1,234,567");
    CHECK(counted(1, "file", "files") == "1 file");
    CHECK(counted(0, "file", "files") == "0 files");
    CHECK(counted(2000, "file", "files") == "2,000 files");
}
