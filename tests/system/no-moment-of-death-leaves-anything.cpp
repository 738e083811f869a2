// SPDX-License-Identifier: MIT
// SIGKILL at every system call of a run: whatever it was doing, ExecStopPost= or the next run leaves nothing of it, and that run succeeds.
#include "tests/system/trial.hpp"

#include <catch2/catch_test_macros.hpp>

#include <iostream>

using namespace igotchuu::stage;

namespace
{

/// At every `step`-th call.
void kill_at_each_of(Trials &trials, std::size_t step)
{
    for (std::size_t number = 0; number < trials.points().size(); number += step)
        trials.play(trials.points()[number], number / step % 2 == 0 ? Then::next_run : Then::reap_and_next_run);
    std::cout << trials.summary();
    INFO(trials.wrong());
    CHECK(trials.wrong().empty());
}

/// restic is looked at, and the embedded repository is made with its key.
void kill_first_runs(std::size_t step)
{
    const Alone alone;
    const Disk disk{"first"};
    const Scene scene{"first", disk.path(), Restic::stand_in, Target::embedded};
    Trials trials{scene, [&] { scene.forget_first_use(); }};
    kill_at_each_of(trials, step);
}

} // namespace

TEST_CASE("a run that is killed at any system call leaves nothing")
{
    const Alone alone;
    const Disk disk{"death"};
    const Scene scene{"death", disk.path(), Restic::stand_in};
    Trials trials{scene};
    kill_at_each_of(trials, 1);
}

TEST_CASE("the very first run that is killed leaves nothing but a whole repository, or none")
{
    kill_first_runs(3);
}

TEST_CASE("the very first run, killed at each of its calls", "[.long]")
{
    kill_first_runs(1);
}
