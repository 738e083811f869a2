// SPDX-License-Identifier: MIT
// A system call that fails, each one once: the run ends in time and says what is true, nothing is left, and the next run succeeds.
#include "tests/system/trial.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <iostream>

using namespace igotchuu::stage;

namespace
{

/// Of each point, every `step`-th of the five errors from `first` on; two that follow each other begin at different ones.
void fail_everywhere(std::size_t step)
{
    const Alone alone;
    const Disk disk{"error"};
    const Scene scene{"error", disk.path(), Restic::stand_in};
    Trials trials{scene};
    for (std::size_t number = 0; number < trials.points().size(); ++number)
        for (std::size_t error = number % step; error < errors.size(); error += step) {
            auto fault = trials.points()[number];
            fault.error = errors[error];
            if (can_fail(fault.call))
                trials.play(fault, number % 2 == 0 ? Then::next_run : Then::reap_and_next_run);
        }
    std::cout << trials.summary();
    INFO(trials.wrong());
    CHECK(trials.wrong().empty());
}

} // namespace

TEST_CASE("a run in which any system call fails says what is true and leaves nothing")
{
    fail_everywhere(errors.size());
}

TEST_CASE("and so it is with each of the errors at each system call", "[.long]")
{
    fail_everywhere(1);
}
