// SPDX-License-Identifier: MIT
#include "exec/restic/maintain.hpp"
#include "exec/report/maintenance-report.hpp"
#include "exec/restic/lock-file.hpp"
#include "exec/restic/own-processes.hpp"
#include "exec/rotation.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <format>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;

namespace
{

const auto now = Clock::time_point{std::chrono::sys_days{std::chrono::year{2026} / 11 / 26}} + 3h;

pid_t gone_process()
{
    const auto child = fork();
    if (child == 0)
        _exit(0);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    return child;
}

} // namespace

TEST_CASE("a lock is read as restic shows it, whatever its zone; what is none is none")
{
    const auto lock = parse_lock(
        "{\n  \"time\": \"2026-11-26T04:30:36.033701707+01:00\",\n  \"exclusive\": false,\n  \"hostname\": \"machine\",\n"
        "  \"username\": \"root\",\n  \"pid\": 260\n}\n");
    REQUIRE(lock);
    CHECK(lock->host == "machine");
    CHECK(lock->process == 260);
    CHECK(lock->time > now + 30min + 36s);
    CHECK(lock->time < now + 30min + 37s);
    const auto utc = parse_lock(R"({"time": "2026-11-26T03:00:00Z", "hostname": "m", "pid": 1})");
    REQUIRE(utc);
    CHECK(utc->time == now);
    const auto timeless = parse_lock(R"({"time": "yesterday", "hostname": "m", "pid": 1})");
    REQUIRE(timeless);
    CHECK(timeless->time == Clock::time_point::max());
    for (const std::string_view none :
         {"", "{}", "null", "[1]", R"({"time": 1, "hostname": "m", "pid": 1})", R"({"time": "2026", "pid": 1})"})
        CHECK_FALSE(parse_lock(none));
}

TEST_CASE(
    "restic is not asked to unlock while there is a young lock of this machine's name that is not known to be left by our own, or "
    "nothing to remove")
{
    const auto ours_is_7 = [](const LockFile &lock) { return lock.process == 7; };
    const std::vector<LockFile> left{{"here", 7, now - 1min}}, of_a_namesake{{"here", 8, now - 1min}};
    CHECK(may_unlock(left, "here", now, ours_is_7));
    CHECK_FALSE(may_unlock({}, "here", now, ours_is_7));
    CHECK_FALSE(may_unlock(left, "elsewhere", now, ours_is_7)); // another machine's numbers say nothing here
    CHECK_FALSE(may_unlock(of_a_namesake, "here", now, ours_is_7));
    CHECK_FALSE(may_unlock(of_a_namesake, "here", now + 29min, ours_is_7));
    CHECK(may_unlock(of_a_namesake, "here", now + 1h, ours_is_7));
    CHECK(may_unlock(of_a_namesake, "elsewhere", now + 1h, ours_is_7));
    CHECK_FALSE(may_unlock(std::vector<LockFile>{{"here", 8, Clock::time_point::max()}}, "here", now, ours_is_7));
    const std::vector<LockFile> with_one_of_another{{"here", 7, now}, {"there", 8, now}, {"there", 9, now - 2h}};
    CHECK(may_unlock(with_one_of_another, "here", now, ours_is_7));
    const std::vector<LockFile> with_a_namesake_s{{"here", 7, now}, {"here", 8, now}, {"there", 9, now - 2h}};
    CHECK_FALSE(may_unlock(with_a_namesake_s, "here", now, ours_is_7)); // restic would take it along
}

TEST_CASE("a lock was left by a restic of our own only in its repository, in its time, and when it is gone")
{
    const LittleRoot root;
    const OwnProcesses own{root.path()};
    const auto gone = gone_process();
    const LockFile lock{"here", gone, now + 1min};
    CHECK_FALSE(own.have_left(lock, "nas"));
    own.started(gone, "nas", now);
    CHECK(own.have_left(lock, "nas"));
    CHECK_FALSE(own.have_left(lock, "usb"));
    CHECK_FALSE(own.have_left({"here", gone, now - 1s}, "nas"));
    own.look_around(now + 2min);
    CHECK(own.have_left(lock, "nas"));
    CHECK_FALSE(own.have_left({"here", gone, now + 3min}, "nas")); // somebody renews it
    own.look_around(now + 30min);
    CHECK(own.have_left(lock, "nas"));
    own.look_around(now + 34min);
    CHECK(std::filesystem::is_empty(root.path()));

    own.started(getpid(), "nas", now);
    own.look_around(now + 1min);
    CHECK_FALSE(own.have_left({"here", getpid(), now + 1min}, "nas"));
    own.ended_well(getpid());
    CHECK(std::filesystem::is_empty(root.path()));

    root.write(std::format("/restic={}", gone), "");
    CHECK_FALSE(own.have_left(lock, "nas")); // /run was full
    own.look_around(now);
    CHECK(std::filesystem::is_empty(root.path()));
}

TEST_CASE("what prune frees is taken from its own line")
{
    CHECK(bytes_pruned("total prune:          25 blobs / 30.003 MiB") == 31460425);
    CHECK(bytes_pruned("total prune:           0 blobs / 0 B") == 0);
    CHECK(bytes_pruned("total prune:           3 blobs / 1.000 TiB") == std::uint64_t{1} << 40);
    for (const auto *const other :
         {"", "to delete:            25 blobs / 30.003 MiB", "total prune:", "total prune: 1 blobs / MiB",
          "total prune: 1 blobs / 1 PiB", "total prune: 1 blobs / -1 MiB", "total prune: 1 blobs / nan MiB"})
        CHECK_FALSE(bytes_pruned(other));
}

TEST_CASE("the parts of the data are read in turn, each again as long as it has faults")
{
    RepositoryRecord record;
    divide(record, 3);
    CHECK(record.next_part == 1);
    for (const std::uint32_t next : {2U, 3U, 1U}) {
        checked(record, true, now);
        CHECK(record.next_part == next);
    }
    CHECK(record.parts_read == std::vector(3, now));
    checked(record, true, now + 1h);
    checked(record, false, now + 2h);
    CHECK(record.next_part == 2);
    CHECK(record.damaged);
    CHECK(record.parts_read == std::vector{now + 1h, now, now});

    divide(record, 5); // the faults are in one of three parts: those stay until it is sound
    CHECK(record.parts_read.size() == 3);
    CHECK(record.next_part == 2);
    checked(record, true, now + 3h);
    CHECK_FALSE(record.damaged);
    divide(record, 5);
    CHECK(record.next_part == 1);
    CHECK(record.parts_read == std::vector(5, Clock::time_point{}));
}

TEST_CASE("a record that makes no sense begins anew")
{
    for (const std::uint32_t next : {0U, 4U}) {
        RepositoryRecord record{.parts_read = std::vector(3, now), .next_part = next, .damaged = true};
        divide(record, 3);
        CHECK(record.next_part == 1);
    }
    RepositoryRecord empty{.next_part = 1, .damaged = true};
    divide(empty, 3);
    CHECK(empty.parts_read.size() == 3);
}

TEST_CASE("of the tries that were put off the first says since when, and they are no history of a hundred")
{
    RepositoryRecord record;
    const auto ends = [&](Outcome outcome, Clock::time_point started) { add(record, {.started = started, .outcome = outcome}); };
    CHECK_FALSE(waits_since(record));
    ends(Outcome::success, now);
    CHECK_FALSE(waits_since(record));
    for (int hour = 1; hour <= 200; ++hour)
        ends(Outcome::not_now, now + std::chrono::hours{hour});
    CHECK(record.history.size() == 3);
    CHECK(record.history.front().started == now + 200h);
    CHECK(waits_since(record) == now + 1h);
    ends(Outcome::failed, now + 201h);
    CHECK_FALSE(waits_since(record));
    CHECK(record.history.size() == 4);
    CHECK(record.last_success->started == now);
}

TEST_CASE("a maintenance that was put off while the clock was ahead waits no longer for that")
{
    RepositoryRecord record;
    const auto is_put_off = [&](Clock::time_point started) {
        add(record, {.started = started, .outcome = Outcome::not_now});
        return waits_since(record);
    };
    CHECK(is_put_off(now + 9000h) == now + 9000h);
    CHECK(is_put_off(now) == now);
    CHECK(is_put_off(now - 10min) == now);
    CHECK(is_put_off(now + 1h) == now);
    CHECK(record.history.size() == 2);
}
