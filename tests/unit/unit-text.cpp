// SPDX-License-Identifier: MIT
#include "generator/unit-text.hpp"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

using namespace igotchuu::generator;

TEST_CASE("a percent sign stays one: no specifier is made of it")
{
    CHECK(unit_value("/srv/100% cotton %h") == "/srv/100%% cotton %%h");
}

TEST_CASE("an element of a list with spaces, quotes or backslashes stays one element")
{
    CHECK(list_element("/home") == "/home");
    CHECK(list_element("/srv/TV Shows") == R"("/srv/TV Shows")");
    CHECK(list_element(R"(/srv/5" \x20)") == R"("/srv/5\" \\x20")");
    CHECK(list_element("/srv/it's") == R"("/srv/it's")");
    CHECK(list_element("/srv/100%") == "/srv/100%%");
    CHECK(list_element("") == R"("")");
}

TEST_CASE("a line is repeated for each value, and is not there without one")
{
    const Filling fillings[] = {{"A", {"x", "y"}}, {"NONE", {}}, {"KEPT", {""}}};
    CHECK(fill("[Unit]\nKey=@A@\nOther=@NONE@\n@KEPT@Private=yes\n\n", fillings) == "[Unit]\nKey=x\nKey=y\nPrivate=yes\n");
}

TEST_CASE("a value is never looked at again")
{
    const Filling fillings[] = {{"A", {"@B@"}}, {"B", {"no"}}};
    CHECK(fill("Key=@A@\n", fillings) == "Key=@B@\n");
}

TEST_CASE("a line break in a value makes no directive")
{
    for (const char *value : {"Home\n[Service]\nExecStartPre=/bin/false", "a\rb", "a\x1b[31m", "a\x7f"}) {
        const Filling fillings[] = {{"A", {value}}};
        CHECK_THROWS_AS(fill("Description=@A@\n", fillings), std::invalid_argument);
    }
    const Filling null[] = {{"A", {std::string{"a\0b", 3}}}};
    CHECK_THROWS_AS(fill("Description=@A@\n", null), std::invalid_argument);
}

TEST_CASE("a backslash at the end of a value does not swallow the next line")
{
    const Filling fillings[] = {{"ONE", {"a\\"}}, {"TWO", {"a\\\\"}}, {"ONLY", {"\\"}}};
    CHECK(fill("@ONE@\n@TWO@\n@ONLY@\nnext\n", fillings) == "a\\ \na\\\\\n\\ \nnext\n");
}

TEST_CASE("a placeholder that nothing fills is a bug that shows")
{
    CHECK_THROWS_AS(fill("Key=@A@\n", {}), std::logic_error);
}
