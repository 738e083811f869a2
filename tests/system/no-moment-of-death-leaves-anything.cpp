// SPDX-License-Identifier: MIT
// SIGKILL at every system call of a run: whatever it was doing, ExecStopPost= or the next run leaves nothing of it, and that run succeeds.
#include "tests/system/trial.hpp"

#include <catch2/catch_test_macros.hpp>

#include <iostream>

using namespace igotchuu::stage;

TEST_CASE("a run that is killed at any system call leaves nothing")
{
    const Alone alone;
    const Disk disk{"death"};
    const Scene scene{"death", disk.path(), Restic::stand_in};
    Trials trials{scene};
    for (std::size_t number = 0; number < trials.points().size(); ++number)
        trials.play(trials.points()[number], number % 2 == 0 ? Then::next_run : Then::reap_and_next_run);
    std::cout << trials.summary();
    INFO(trials.wrong());
    CHECK(trials.wrong().empty());
}
