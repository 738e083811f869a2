// SPDX-License-Identifier: MIT
#include "job/lies-below.hpp"

#include <catch2/catch_test_macros.hpp>

using igotchuu::lies_below;

TEST_CASE("a path lies below a directory by whole names")
{
    CHECK(lies_below("/srv", "/srv"));
    CHECK(lies_below("/srv/a", "/srv"));
    CHECK(lies_below("/", "/"));
    CHECK(lies_below("/srv", "/"));
    CHECK_FALSE(lies_below("/srv-x", "/srv"));
    CHECK_FALSE(lies_below("/srv", "/srv/a"));
    CHECK_FALSE(lies_below("/", "/srv"));
    CHECK_FALSE(lies_below("/srv", ""));
    CHECK_FALSE(lies_below("srv", "/"));
}
