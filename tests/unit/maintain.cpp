// SPDX-License-Identifier: MIT
#include "exec/restic/maintain.hpp"
#include "exec/report/maintenance-report.hpp"
#include "exec/restic/lock-file.hpp"
#include "exec/rotation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;

namespace
{

const auto now = Clock::time_point{std::chrono::sys_days{std::chrono::year{2026} / 11 / 26}} + 3h;

bool everybody(pid_t)
{
    return true;
}
bool nobody(pid_t)
{
    return false;
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
    "restic is not asked to unlock while there is a process with the number of a young lock of this machine, or nothing to remove")
{
    const std::vector<LockFile> ours{{"here", 7, now - 1min}};
    CHECK(may_unlock(ours, "here", now, nobody));
    CHECK_FALSE(may_unlock(ours, "here", now, everybody));
    CHECK_FALSE(may_unlock({}, "here", now, nobody));
    CHECK_FALSE(may_unlock(ours, "elsewhere", now, nobody)); // another machine's numbers say nothing here
    CHECK(may_unlock(ours, "elsewhere", now + 1h, everybody));
    CHECK(may_unlock(ours, "here", now + 1h, everybody)); // restic asks nobody then
    CHECK_FALSE(may_unlock(ours, "here", now + 29min, everybody));
    CHECK_FALSE(may_unlock(std::vector<LockFile>{{"here", 7, Clock::time_point::max()}}, "here", now, everybody));
    const std::vector<LockFile> several{{"here", 7, now - 2h}, {"there", 8, now}, {"here", 9, now}};
    CHECK(may_unlock(several, "here", now, [](pid_t process) { return process != 9; }));
    CHECK_FALSE(may_unlock(several, "here", now, [](pid_t process) { return process == 9; }));
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
