// SPDX-License-Identifier: MIT
// A system call that fails, each one once: the run ends in time and says what is true, nothing is left, and the next run succeeds.
#include "tests/system/trial.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cerrno>
#include <iostream>

using namespace igotchuu::stage;

namespace
{

constexpr std::array errors{EIO, ENOSPC, ENOMEM, EINTR, EMFILE};

}

TEST_CASE("a run in which any system call fails says what is true and leaves nothing")
{
    const Scene scene{"error", Restic::stand_in};
    Trials trials{scene};
    for (std::size_t number = 0; number < trials.points().size(); ++number) {
        auto fault = trials.points()[number];
        fault.error = errors[number % errors.size()];
        if (can_fail(fault.call))
            trials.play(fault, number % 2 == 0 ? Then::next_run : Then::reap_and_next_run);
    }
    std::cout << trials.summary();
    INFO(trials.wrong());
    CHECK(trials.wrong().empty());
}
