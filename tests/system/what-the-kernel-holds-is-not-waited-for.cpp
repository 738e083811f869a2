// SPDX-License-Identifier: MIT
// A program that waits in the kernel cannot be killed: it is given up some seconds after that was tried, and what waited for it goes on.
#include "exec/tool.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>

using namespace igotchuu;

TEST_CASE("what the kernel holds is given up")
{
    stage::in_namespace([] {
        const stage::Disk disk;
        stage::run({"fsfreeze", "--freeze", disk.path()});
        const auto begin = std::chrono::steady_clock::now();
        const auto end = run(Tool{.arguments = {"/usr/bin/touch", disk / "file"},
                                  .capabilities = "",
                                  .at_most = std::chrono::seconds{1},
                                  .gone_within = std::chrono::seconds{2}});
        const auto took = std::chrono::steady_clock::now() - begin;
        stage::run({"fsfreeze", "--unfreeze", disk.path()});
        stage::must(took > std::chrono::seconds{3} && took < std::chrono::seconds{9},
                    "it was waited for too long, or not long enough");
        stage::must(end.status == 128 + 9, "it is said to have ended with " + std::to_string(end.status));
        stage::must(end.complaint ==
                        "it did not end within 1s, and cannot be killed: does the kernel wait for a disk that does not answer?",
                    "it is said: " + end.complaint);
    });
}
