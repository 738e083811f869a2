// SPDX-License-Identifier: MIT
#include "dbus/loop.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using namespace std::chrono_literals;

TEST_CASE("what is under way when igotchuud ends is waited for, not asked for without a pause")
{
    Loop loop;
    Loop::Source answer;
    bool ends = false, answered = false;
    int asked = 0;
    loop.run(
        50ms,
        [&] {
            ++asked;
            return !ends || answered;
        },
        [&] {
            ends = true; // a call has come just now
            answer = loop.after(200ms, [&] { answered = true; });
        });
    CHECK(answered);
    CHECK(asked < 50);
}
