// SPDX-License-Identifier: MIT
#include "cli/progress-line.hpp"

#include <catch2/catch_test_macros.hpp>

#include <clocale>
#include <limits>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

Standing backing_up(const std::string &name)
{
    return {.name = name,
            .instance = name,
            .doing = Doing::running,
            .activity = Activity{.phase = Phase::restic,
                                 .repository = "nas",
                                 .progress = Progress{.seconds_elapsed = 10,
                                                      .seconds_remaining = 70,
                                                      .percent_done = 0.42,
                                                      .total_bytes = 1000 * 1024,
                                                      .bytes_done = 420 * 1024}}};
}

} // namespace

TEST_CASE("a run that backs up has a bar, how much, how fast and for how long yet")
{
    CHECK(progress_line(backing_up("home"), 6, 100) ==
          "home    backing up to nas  [#######------------]   42 %  420 KiB of 1000 KiB  42.0 KiB/s  2 min left");
}

TEST_CASE("the line fits into any terminal: first the bar goes, then the end")
{
    std::setlocale(LC_ALL, "C.UTF-8");
    for (std::size_t columns = 20; columns < 200; ++columns) {
        INFO(columns);
        CHECK(width_of(progress_line(backing_up("häuser"), 10, columns)) <= columns);
    }
    CHECK_FALSE(progress_line(backing_up("home"), 4, 80).contains('['));
    CHECK(progress_line(backing_up("home"), 4, 200).contains("[################------------------------]"));
}

TEST_CASE("numbers of restic's that make no sense make no line that makes none")
{
    auto job = backing_up("home");
    for (const double done : {-1.0, 2.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        job.activity->progress->percent_done = done;
        CHECK(width_of(progress_line(job, 4, 100)) <= 100);
    }
    job.activity->progress->total_bytes = 0;
    CHECK(progress_line(job, 4, 100) == "home  backing up to nas: 420 KiB, 0 files");
}

TEST_CASE("what changes all the time is no new step")
{
    auto job = backing_up("home");
    CHECK(step_of(job) == "backing up to nas");
    job.activity->progress->bytes_done = 0;
    CHECK(step_of(job) == "backing up to nas");
    job.doing = Doing::stopping;
    CHECK(step_of(job) == "stopping");
    job.activity.reset();
    job.doing = Doing::waiting;
    job.message = "nas\x1b[2J is not there";
    CHECK(step_of(job) == "waiting: nas\\x1b[2J is not there");
}

TEST_CASE("the end of a run says its outcome and what to look at")
{
    auto job = backing_up("my home");
    job.started = Clock::time_point{1000s};
    job.ended = Clock::time_point{1004s};
    job.outcome = Outcome::success;
    CHECK(end_of(job) == "my home: success, in 4.0 s");
    job.outcome = Outcome::failed;
    job.message = "why";
    CHECK(end_of(job) == "my home: failed, in 4.0 s: why (igotchuu log 'my home')");
}
