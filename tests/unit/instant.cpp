// SPDX-License-Identifier: MIT
#include "cli/retrieve/instant.hpp"
#include "cli/job-names.hpp"
#include "job/amount.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <ctime>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

void live_in(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

std::string read(const std::string &word)
{
    return time_text(instant_from(word));
}

} // namespace

TEST_CASE("a time is of the machine's zone, and reaches to the end of what it names")
{
    live_in("Europe/Berlin");
    CHECK(read("2026-11-25 03:00:07") == "2026-11-25 03:00:07");
    CHECK(instant_from("2026-11-25 03:00:07") == sys_days{2026y / 11 / 25} + 2h + 8s - 1ns);
    CHECK(read("2026-11-25 03:00") == "2026-11-25 03:00:59");
    CHECK(read("2026-11-25T03:00") == "2026-11-25 03:00:59");
    CHECK(read("2026-11-25") == "2026-11-25 23:59:59");
    CHECK(read("2026-12-31") == "2026-12-31 23:59:59");
    CHECK(read("2026-10-25") == "2026-10-25 23:59:59"); // a day of 25 hours
    CHECK(instant_from("@1790000000") == sys_seconds{1790000000s} + 1s - 1ns);
    CHECK(instant_from("2026-11-25T03:00:07.5Z") == sys_days{2026y / 11 / 25} + 3h + 7s + 500ms);
}

TEST_CASE("a time may be told by how long ago it was")
{
    live_in("UTC");
    const auto now = system_clock::now();
    const auto near = [&](const std::string &word, system_clock::duration before) {
        const auto off = now - before - instant_from(word);
        return off < 2s && off > -2s;
    };
    CHECK(near("3 days ago", 72h));
    CHECK(near("1 hour ago", 1h));
    CHECK(near("2w", 336h));
    CHECK(near("90min", 90min));
    CHECK(near("now", 0s));
    CHECK(instant_from("yesterday") == floor<days>(now) - 1ns);
    CHECK(instant_from("yesterday 18:00") == floor<days>(now) - 6h + 1min - 1ns);
    CHECK(instant_from("today") == ceil<days>(now) - 1ns);
    CHECK(instant_from("03:00") == floor<days>(now) + 3h + 1min - 1ns);
}

TEST_CASE("what is no time is refused with what one looks like")
{
    for (const auto *word : {"", "2026-02-30", "2026-13-01", "25:00", "yesterdays", "3 fortnights ago", "-3d", "@",
                             "@9999999999999", "2026-11-25 03:00 ", "99999999999 days ago", "\x1b[2J"})
        CHECK_THROWS_AS(instant_from(word), UsageError);
}

} // namespace igotchuu
