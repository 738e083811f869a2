// SPDX-License-Identifier: MIT
// SIGKILL and failing system calls around the real restic: what is called a success can be restored, and the repository stays sound.
#include "tests/system/trial.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <iostream>

using namespace igotchuu::stage;

namespace
{

/// At most `most` of all points and faults, spread evenly.
void strike_real(std::size_t most)
{
    const Alone alone;
    const Disk disk{"real"};
    const Scene scene{"real", disk.path(), Restic::real};
    Trials trials{scene};
    std::vector<Fault> faults;
    for (auto fault : trials.points()) {
        faults.push_back(fault);
        for (const int error : errors)
            if (fault.error = error; can_fail(fault.call))
                faults.push_back(fault);
    }
    const auto count = std::min(most, faults.size());
    for (std::size_t number = 0; number < count; ++number)
        trials.play(faults[number * faults.size() / count], number % 2 == 0 ? Then::next_run : Then::reap_and_next_run);
    std::cout << trials.summary();
    INFO(trials.wrong());
    CHECK(trials.wrong().empty());
}

} // namespace

TEST_CASE("300 faults, spread over a whole run")
{
    strike_real(300);
}

TEST_CASE("2,000 faults, spread over a whole run", "[.long]") // every fault at every call would take many hours
{
    strike_real(2000);
}
