// SPDX-License-Identifier: MIT
#include "cli/retrieve/restore-report.hpp"

#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace igotchuu;

namespace
{

using nlohmann::json;

json none()
{
    return {{"count", 0}, {"first", json::array()}};
}

json plan()
{
    return {{"message", "plan"},
            {"repository", "nas"},
            {"id", "0123456789abcdef"},
            {"time", "2026-11-26T03:00:07Z"},
            {"host", "laptop"},
            {"into", {"/home/alice"}},
            {"as", ""},
            {"files", 0},
            {"directories", 0},
            {"adapted", 0},
            {"replaced", none()},
            {"newer", none()},
            {"left", none()},
            {"in_the_way", none()},
            {"same", 0},
            {"bytes", 0},
            {"free", 1'000'000}};
}

bool says(const std::vector<std::string> &lines, std::string_view words)
{
    return std::ranges::any_of(lines, [&](const auto &line) { return line.contains(words); });
}

} // namespace

TEST_CASE("a plan says from where to where, and what is new")
{
    auto some = plan();
    CHECK_FALSE(has_work(some));
    some["files"] = 1234;
    some["directories"] = 1;
    some["bytes"] = 2048;
    CHECK(has_work(some));
    const auto lines = plan_lines(some);
    CHECK(says(lines, "From the snapshot 01234567 of "));
    CHECK(says(lines, " made on laptop, in nas, to /home/alice:"));
    CHECK(says(lines, "1,234 files and 1 directory"));
    CHECK(says(lines, "2.0 KiB to come"));
    CHECK_FALSE(says(lines, "replaced"));
    some["as"] = "alice";
    CHECK(says(plan_lines(some), "to /home/alice, with the rights of alice:"));
}

TEST_CASE("a plan without work says whether all is there, or only something in its way")
{
    auto some = plan();
    CHECK(no_work_line(some) == "There is nothing to restore.");
    some["in_the_way"] = {{"count", 1}, {"first", {"/home/alice/a"}}};
    CHECK_FALSE(has_work(some));
    CHECK(no_work_line(some).starts_with("Nothing can be restored: "));
}

TEST_CASE("a plan names what would be overwritten, and how many of that are newer here")
{
    auto some = plan();
    some["replaced"] = {{"count", 12}, {"first", {"/home/alice/a", "/home/alice/\x1b[2J"}}};
    some["newer"] = {{"count", 3}, {"first", json::array()}};
    CHECK(has_work(some));
    const auto lines = plan_lines(some);
    CHECK(says(lines, "12 files, 3 newer here than in the snapshot"));
    CHECK(says(lines, "/home/alice/a"));
    CHECK(says(lines, R"(/home/alice/\x1b[2J)"));
    CHECK(says(lines, "and 10 more"));
}

TEST_CASE("a plan says what stays though it differs, and how that is replaced")
{
    auto some = plan();
    some["left"] = {{"count", 1}, {"first", {"/home/alice/new"}}};
    some["newer"] = some["left"];
    some["in_the_way"] = {{"count", 1}, {"first", {"/home/alice/d"}}};
    CHECK_FALSE(has_work(some));
    const auto lines = plan_lines(some);
    CHECK(says(lines, "1 file, other than in the snapshot, 1 newer here than in the snapshot; --overwrite=always replaces it"));
    CHECK(says(lines, "in the way"));
}

TEST_CASE("the end of a restore says what did not come back, and why")
{
    const json restored{{"message", "restored"}, {"files", 2},
                        {"directories", 0},      {"bytes", 10},
                        {"missing", none()},     {"unlike", {{"count", 1}, {"first", {"/a"}}}},
                        {"refused", none()},     {"changed_meanwhile", none()},
                        {"in_the_way", none()}};
    const auto lines = end_lines(restored);
    CHECK(lines.front() == "Restored: 2 files, 10 B.");
    CHECK(says(lines, "1 restored without the owner"));
    CHECK_FALSE(says(lines, "restic could not"));
}

TEST_CASE("what another version says is an error with its remedy")
{
    CHECK_THROWS_AS(plan_lines(json{{"message", "plan"}}), Failure);
    CHECK_THROWS_AS(end_lines(json{{"message", "restored"}}), Failure);
}
