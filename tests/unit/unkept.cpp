// SPDX-License-Identifier: MIT
#include "exec/restic/unkept.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;

namespace
{

PlannedSnapshot made(char digit, std::chrono::sys_seconds time, std::vector<std::string> reasons = {})
{
    return {std::string(64, digit), time, "h", std::move(reasons)};
}

constexpr std::chrono::sys_days monday = 2026y / 11 / 23;

} // namespace

TEST_CASE("of a rule that is full it is said how many newer ones stay for it")
{
    const Plan plan{{made('a', monday + 9h, {"last snapshot"}), made('b', monday + 8h, {"last snapshot"})}, {made('c', monday)}};
    CHECK(why_unkept(plan.remove[0], plan, std::vector<KeepRule>{{"last", "2"}}) == "last = 2: 2 newer ones stay for it");
    const Plan daily{{made('a', monday + 24h, {"daily snapshot"})}, {made('c', monday)}};
    CHECK(why_unkept(daily.remove[0], daily, std::vector<KeepRule>{{"daily", "1"}}) == "daily = 1: 1 newer one stays for it");
}

TEST_CASE("of a rule that has places left it is said which newer one has that of the period, and of no other rule")
{
    const Plan plan{{made('a', monday + 30h, {"daily snapshot"}), made('b', monday + 9h, {"daily snapshot", "weekly snapshot"}),
                     made('d', monday + 8h, {"has tags [daily]"})},
                    {made('c', monday)}};
    CHECK(
        why_unkept(plan.remove[0], plan, std::vector<KeepRule>{{"daily", "7"}, {"weekly", "5"}, {"tag", "daily\x1b"}}) ==
        "daily = 7: bbbbbbbb stays for that day; weekly = 5: bbbbbbbb stays for that week; tags = daily\\x1b: it has no such tag");
}

TEST_CASE("what is older than a rule looks, or may be, is said to be")
{
    Plan plan{{made('a', monday + 30h, {"within 3h"}), made('b', monday + 9h, {"daily within 2d"})}, {made('c', monday)}};
    const std::vector<KeepRule> rules{{"within", "3h"}, {"within-daily", "2d"}, {"within-yearly", "1y"}};
    CHECK(why_unkept(plan.remove[0], plan, rules) == "within = 3h: it is older; within-daily = 2d: it is older, or bbbbbbbb stays "
                                                     "for that day; within-yearly = 1y: it is older");
    plan.keep.push_back(made('d', monday - 5h, {"daily within 2d"}));
    CHECK(why_unkept(plan.remove[0], plan, rules).contains("within-daily = 2d: bbbbbbbb stays for that day"));
}

TEST_CASE("a snapshot that stays for another reason fills no place of a rule")
{
    const Plan plan{{made('a', monday + 9h, {"daily snapshot"}), made('b', monday + 1h, {"last proven"})}, {made('c', monday)}};
    CHECK(why_unkept(plan.remove[0], plan, std::vector<KeepRule>{{"daily", "7"}}) == "daily = 7: aaaaaaaa stays for that day");
}
