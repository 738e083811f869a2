// SPDX-License-Identifier: MIT
#include "job/timers.hpp"

#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

using Names = std::vector<std::string>;

const std::string timer = "igotchuu@home.timer";

/// One that the generator made.
KnownTimer made(std::string load_state, std::string active_state)
{
    return {.name = timer,
            .load_state = std::move(load_state),
            .active_state = std::move(active_state),
            .fragment_path = "/run/systemd/generator/igotchuu@home.timer",
            .unit_file_state = "generated"};
}

} // namespace

TEST_CASE("the timer of a new file is started, and one that runs is left alone")
{
    CHECK(plan_timers({{timer, true}}, {}, {}).start == Names{timer});
    CHECK(plan_timers({{timer, true}}, {}, {made("loaded", "inactive")}).start == Names{timer});
    CHECK(plan_timers({{timer, true}}, {}, {made("masked", "inactive")}).start == Names{timer}); // which systemd refuses
    const auto runs = made("loaded", "active");
    const auto plan = plan_timers({{timer, true}}, {runs}, {runs});
    CHECK((plan.start.empty() && plan.gone.empty() && plan.unusable.empty() && plan.stay.empty()));
}

TEST_CASE("the timer of a file that cannot be read is started where systemd knows one, and never stopped")
{
    CHECK(plan_timers({{timer, false}}, {}, {}).start.empty());
    CHECK(plan_timers({{timer, false}}, {}, {made("loaded", "inactive")}).start == Names{timer});
    const auto runs = made("loaded", "active");
    CHECK(plan_timers({{timer, false}}, {runs}, {runs}).gone.empty());
}

TEST_CASE("the timer of a file that is gone is stopped, also where it falls back to the template")
{
    CHECK(plan_timers({}, {}, {made("not-found", "active")}).gone == Names{timer});
    CHECK(plan_timers({}, {}, {made("bad-setting", "failed")}).gone == Names{timer});
    CHECK(plan_timers({}, {}, {made("loaded", "active")}).gone == Names{timer});
    auto with_drop_in = made("loaded", "active"); // which gives the template a schedule
    with_drop_in.fragment_path = "/run/systemd/generator/igotchuu@.timer";
    CHECK(plan_timers({}, {}, {with_drop_in}).gone == Names{timer});
    CHECK(plan_timers({{timer, true}}, {}, {made("bad-setting", "active")}).unusable == Names{timer});
}

TEST_CASE("what an administrator wrote, enabled, masked or stopped is left alone")
{
    auto own = made("loaded", "active");
    own.fragment_path = "/etc/systemd/system/igotchuu@home.timer";
    auto enabled = made("loaded", "active");
    enabled.fragment_path = "/etc/systemd/system/igotchuu@.timer";
    enabled.unit_file_state = "enabled-runtime";
    for (const auto &one : {own, enabled, made("masked", "active"), made("not-found", "inactive")})
        CHECK(plan_timers({}, {one}, {one}).gone.empty());

    auto stopped = made("loaded", "inactive");
    stopped.has_run = true;
    const auto plan = plan_timers({{timer, true}}, {stopped}, {stopped});
    CHECK(plan.stay == Names{timer});
    CHECK(plan.start.empty());
    CHECK(plan_timers({{timer, true}}, {made("bad-setting", "inactive")}, {stopped}).start == Names{timer}); // it is mended
}

TEST_CASE("systemd is asked only of timers that are not as they should be")
{
    const WantedTimers wanted{{timer, true}};
    CHECK(question_about(made("loaded", "active"), wanted) == TimerQuestion::none);
    CHECK(question_about(made("loaded", "inactive"), wanted) == TimerQuestion::past);
    CHECK(question_about(made("loaded", "active"), {}) == TimerQuestion::origin);
    CHECK(question_about(made("loaded", "inactive"), {}) == TimerQuestion::none);
    CHECK(question_about(made("bad-setting", "active"), {}) == TimerQuestion::none);
}

TEST_CASE("jobs and repositories want their timers, and of a broken file nobody knows")
{
    LittleRoot root;
    root.write("/etc/igotchuu/jobs/home.toml", "sources = [\"/home\"]\nobjective-hours = 48\n[timer]\nOnCalendar = \"daily\"\n");
    root.write("/etc/igotchuu/jobs/hand.toml", "sources = [\"/home\"]\n");
    root.write("/etc/igotchuu/jobs/odd.toml", "sourcs = []\n");
    root.write("/etc/igotchuu/repositories/nas.toml",
               "location = \"/srv/nas\"\npassword-file = \"/etc/key\"\n[maintenance]\nOnCalendar = \"weekly\"\n");
    root.write("/etc/igotchuu/repositories/cloud.toml",
               "location = \"/srv/cloud\"\npassword-file = \"/etc/key\"\n[maintenance]\nOnCalendar = \"weekly\"\n");
    root.write("/etc/igotchuu/repositories/cloud.toml.d/not-here.toml", "maintenance = false\n");
    CHECK(wanted_timers(root.search_path()) == WantedTimers{{"igotchuu@home.timer", true},
                                                            {"igotchuu-fresh@home.timer", true},
                                                            {"igotchuu@odd.timer", false},
                                                            {"igotchuu-fresh@odd.timer", false},
                                                            {"igotchuu-maintenance@nas.timer", true}});
}
