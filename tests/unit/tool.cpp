// SPDX-License-Identifier: MIT
#include "exec/tool.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

TEST_CASE("however much a program prints of others, what is wanted of it is there")
{
    const auto end = run({.arguments = {"/bin/sh", "-c", "echo ours; yes foreign | head --bytes 24000000; echo ours"},
                          .capabilities = "",
                          .wanted = [](std::string_view line) { return line == "ours"; }});
    CHECK(end.status == 0);
    CHECK(end.output == "ours\nours\n");
}
