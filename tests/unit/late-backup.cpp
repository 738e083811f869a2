// SPDX-License-Identifier: MIT
#include "exec/late-backup.hpp"
#include "exec/troubles.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <format>

using namespace igotchuu;

namespace
{

using std::chrono::hours;
using std::chrono::minutes;

const Clock::time_point monday = Clock::time_point{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + hours{8};
constexpr hours objective{26};

Run run_of(Outcome outcome, Clock::time_point started)
{
    return {.started = started, .ended = started + minutes{5}, .outcome = outcome};
}

std::string list(Clock::time_point next)
{
    return std::format(R"([{{"next":{},"left":1,"last":null,"passed":null,"unit":"igotchuu@d.timer"}}])",
                       std::chrono::duration_cast<std::chrono::microseconds>(next.time_since_epoch()).count());
}

} // namespace

TEST_CASE("a backup had no chance where nothing was tried within the objective, and had one where something has failed")
{
    CHECK(had_no_chance({}, objective, monday));
    Record record{.history = {run_of(Outcome::success, monday - hours{60})}};
    record.last_success = record.history.front();
    CHECK(had_no_chance(record, objective, monday));
    record.history.insert(record.history.begin(), run_of(Outcome::failed, monday - minutes{10}));
    CHECK_FALSE(had_no_chance(record, objective, monday));
    record.history.front() = run_of(Outcome::stopped, monday - hours{25});
    CHECK_FALSE(had_no_chance(record, objective, monday));
    record.history.front() = run_of(Outcome::failed, monday + hours{1}); // the clock was set back
    CHECK_FALSE(had_no_chance(record, objective, monday));
}

TEST_CASE("an instant of long ago that was sent now is no chance that a backup had")
{
    Record record{.history = {run_of(Outcome::success, monday - minutes{5})}};
    record.history.front().kept_run = "1";
    record.history.front().instant = monday - hours{60};
    CHECK(had_no_chance(record, objective, monday));
}

TEST_CASE("a run that has waited for long for what its job names was no machine that was off")
{
    Record record;
    record.waits_since = monday - minutes{10};
    CHECK(had_no_chance(record, objective, monday));
    record.waits_since = monday - minutes{61};
    CHECK_FALSE(had_no_chance(record, objective, monday));
}

TEST_CASE("a look waits for a quarter of the objective, and for no more than an hour")
{
    CHECK(patience_of(hours{1}) == minutes{15});
    CHECK(patience_of(hours{3}) == minutes{45});
    CHECK(patience_of(objective) == hours{1});
    CHECK(patience_of(hours{8784}) == hours{1});
}

TEST_CASE("a timer that elapses later, or never, is not waited for, and neither is what cannot be understood")
{
    CHECK(elapses_before(list(monday), monday + minutes{1}));
    CHECK_FALSE(elapses_before(list(monday + minutes{1}), monday));
    for (const auto *const text :
         {"", "[]", "{}", "[[]]", "[1]", R"([{"next":null}])", R"([{"next":"soon"}])", R"([{"next":0}])", R"([{"left":1}])"})
        CHECK_FALSE(elapses_before(text, monday));
}

TEST_CASE("what the last look has found is known whichever look that was, and a look that has found nothing has found nothing")
{
    const LittleRoot root;
    const auto cache = root.path().native();
    CHECK_FALSE(found_trouble(cache, "home"));
    keep_troubles(cache, "home", "1", {trouble_with("nas", "old")});
    CHECK(found_trouble(cache, "home"));
    CHECK_FALSE(found_trouble(cache, "other"));
    keep_troubles(cache, "home", "2", {});
    CHECK_FALSE(found_trouble(cache, "home"));
}
