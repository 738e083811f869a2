// SPDX-License-Identifier: MIT
#include "exec/restic/keys.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using restic::parse_keys;

TEST_CASE("the keys of a repository are read as restic 0.18 lists them")
{
    const auto keys = parse_keys(
        R"([{"current":false,"id":"106c62c0da42c0193fba584fe3789621815eed46c7e1018cbed522370ac96190","userName":"igotchuu-recovery","hostName":"x","created":"2026-11-26 06:28:21"},)"
        R"({"current":true,"id":"204dc5524d1470d3334d1e99d23d07d020d39b2612ce8eb420bc3ce4533ae1b6","userName":"root","hostName":"machine","created":"2026-11-26 06:28:17"}])");
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].id == "106c62c0da42c0193fba584fe3789621815eed46c7e1018cbed522370ac96190");
    CHECK(keys[0].user == "igotchuu-recovery");
    CHECK(keys[0].host == "x");
    CHECK(keys[0].created == "2026-11-26 06:28:21");
    CHECK_FALSE(keys[0].current);
    CHECK(keys[1].current);
    CHECK(parse_keys("[]").empty());
}

TEST_CASE("what is no list of keys is none: no id is taken from it that something could then be removed by")
{
    for (const auto *const text :
         {"", "null", "{}", "[7]", "[{}]", R"([{"current":true,"id":"latest"}])", R"([{"current":true,"id":"--help"}])",
          R"([{"id":"106c62c0da42c0193fba584fe3789621815eed46c7e1018cbed522370ac96190"}])", "[{\"id\":\"\xff"})
        CHECK_THROWS_AS(parse_keys(text), Failure);
}
