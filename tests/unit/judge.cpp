// SPDX-License-Identifier: MIT
#include "exec/judge.hpp"
#include "exec/retention.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <format>
#include <functional>
#include <utility>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
const std::string nas = "nas";

std::string id(std::size_t number)
{
    return std::format("{:064x}", number);
}

/// A situation, to begin with one in which nothing is wrong: ten good runs of 100 files and 100 MiB, of which each day 2 files change; the 3 oldest of 13
/// snapshots are to go. Snapshot 100 is the one just made.
struct Situation {
    restic::Plan plan;
    RepositoryResult last;
    std::vector<SourcePlace> sources{{"/srv/d", "fs-1", 256, "btrfs", false}, {"/srv/e", "fs-1", 257, "btrfs", false}};
    std::vector<Run> before;

    Situation()
    {
        for (std::size_t number = 100; number > 90; --number)
            plan.keep.push_back(snapshot(number));
        for (std::size_t number = 90; number > 87; --number)
            plan.remove.push_back(snapshot(number));
        last = result(100);
        for (std::size_t number = 99; number > 89; --number)
            before.push_back(run(number));
    }

    static restic::PlannedSnapshot snapshot(std::size_t number, const std::string &host = "h")
    {
        return {id(number), std::chrono::sys_days{2026y / 1 / 1} + std::chrono::days{number}, host, {}};
    }
    static RepositoryResult result(std::size_t number)
    {
        return {.repository = nas,
                .outcome = Outcome::success,
                .summary = {.files_new = 1,
                            .files_changed = 1,
                            .files_unmodified = 98,
                            .data_added = 2 * mib,
                            .total_files_processed = 100,
                            .total_bytes_processed = 100 * mib,
                            .snapshot_id = id(number)}};
    }
    Run run(std::size_t number) const
    {
        auto there = result(number);
        there.retention = Retention{.kept = 10, .planned = 1, .removed = 1};
        auto elsewhere = result(1000 + number); // another repository, which is no measure
        elsewhere.repository = "usb";
        elsewhere.summary.total_files_processed = 1;
        elsewhere.retention = Retention{.planned = 100, .hold = Hold::rewritten};
        return {.started = Clock::time_point{std::chrono::days{20'000 + number}},
                .ended = std::chrono::floor<Clock::duration>(snapshot(number).time + 1h),
                .outcome = Outcome::success,
                .repositories = {elsewhere, there},
                .sources = sources};
    }
    RepositoryResult &there(std::size_t index) { return before[index].repositories[1]; }

    void rewrite(Summary &summary, std::uint64_t files, std::uint64_t megabytes) const
    {
        summary.files_changed = files - summary.files_new;
        summary.data_added = megabytes * mib;
    }
    void to_remove(std::size_t count)
    {
        plan.remove.clear();
        for (std::size_t number = 0; number < count; ++number)
            plan.remove.push_back(snapshot(87 - number));
    }
    [[nodiscard]] Verdict verdict() const { return judge({plan, last, sources, before}); }
};

struct Case {
    const char *what;
    Hold hold;
    std::function<void(Situation &)> change;
};

const std::vector<Case> cases{
    {"all is as ever", Hold::none, [](Situation &) {}},
    {"nothing is to go", Hold::none, [](Situation &s) { s.plan.remove.clear(); }},
    {"the first run of all", Hold::none,
     [](Situation &s) {
         s.before.clear();
         s.plan = {{Situation::snapshot(100)}, {}};
         s.last.summary.files_new = 100;
     }},

    // the newest
    {"the one just made is to go", Hold::newest,
     [](Situation &s) { s.plan.remove.push_back(s.plan.keep.front()), s.plan.keep.erase(s.plan.keep.begin()); }},
    {"the one just made is nowhere", Hold::newest, [](Situation &s) { s.plan.keep.erase(s.plan.keep.begin()); }},
    {"there are no snapshots at all", Hold::newest, [](Situation &s) { s.plan = {}; }},
    {"one that stays is of the future", Hold::newest, [](Situation &s) { s.plan.keep.push_back(Situation::snapshot(5000)); }},
    {"one that goes is of the future", Hold::newest, [](Situation &s) { s.plan.remove.push_back(Situation::snapshot(5000)); }},
    {"one that stays is of the same second", Hold::none,
     [](Situation &s) { s.plan.keep.push_back(s.plan.keep.front()), s.plan.keep.back().id = id(7); }},
    {"nobody knows the last one, and the newest stays", Hold::none,
     [](Situation &s) { s.last.summary.snapshot_id.clear(), s.before.clear(); }},
    {"nobody knows the last one, and the newest goes", Hold::newest,
     [](Situation &s) { s.last.summary.snapshot_id.clear(), s.plan.remove.push_back(Situation::snapshot(5000)); }},

    // what was there
    {"the one before is gone", Hold::lost, [](Situation &s) { s.plan.keep.erase(s.plan.keep.begin() + 1); }},
    {"the one before has gone after this one, by the rules", Hold::none,
     [](Situation &s) {
         s.plan.keep.erase(s.plan.keep.begin() + 1);
         s.last.retention = Retention{.kept = 10, .planned = 1, .removed = 1};
     }},
    {"the one before is gone, and the rules had nothing to remove", Hold::lost,
     [](Situation &s) {
         s.plan.keep.erase(s.plan.keep.begin() + 1);
         s.last.retention = Retention{.kept = 10};
     }},
    {"few files, as in the one before, after which nothing was changed", Hold::shrunk,
     [](Situation &s) {
         s.there(0).summary = s.last.summary = {.files_unmodified = 10, .total_files_processed = 10, .snapshot_id = id(100)};
         s.there(0).retention->hold = Hold::shrunk;
         s.plan.keep.erase(s.plan.keep.begin() + 1);
         s.there(0).summary.snapshot_id = id(98);
         auto unchanged = s.before.front();
         unchanged.repositories[1].retention.reset();
         unchanged.repositories[1].unchanged_since = unchanged.started;
         s.before.insert(s.before.begin(), unchanged);
     }},
    {"the one before was disproved by hand, after it had removed an older one", Hold::none,
     [](Situation &s) {
         s.there(0).outcome = Outcome::disproved;
         s.plan.keep.erase(s.plan.keep.begin() + 2);
     }},
    {"an older one is gone", Hold::none, [](Situation &s) { s.plan.keep.erase(s.plan.keep.begin() + 2); }},
    {"the one before is to go", Hold::none,
     [](Situation &s) { s.plan.remove.front() = s.plan.keep[1], s.plan.keep.erase(s.plan.keep.begin() + 1); }},
    {"the one before has got a tag, and a new id", Hold::none,
     [](Situation &s) { s.plan.keep[1].original = std::exchange(s.plan.keep[1].id, id(7)); }},
    {"what was sent late is gone, and the run before it is there", Hold::none,
     [](Situation &s) { s.before.insert(s.before.begin(), s.run(7)), s.before.front().kept_run = "x"; }},

    // too many
    {"three go without any plan before", Hold::none, [](Situation &s) { s.before.clear(); }},
    {"four go without any plan before", Hold::too_many, [](Situation &s) { s.before.clear(), s.to_remove(4); }},
    {"four go where one is usual", Hold::too_many, [](Situation &s) { s.to_remove(4); }},
    {"12 go where 4 are usual", Hold::none,
     [](Situation &s) {
         s.to_remove(12);
         for (std::size_t i = 0; i < 10; ++i)
             s.there(i).retention->planned = i < 4 ? 0 : 4;
     }},
    {"13 go where 4 are usual", Hold::too_many,
     [](Situation &s) {
         s.to_remove(13);
         for (std::size_t i = 0; i < 10; ++i)
             s.there(i).retention->planned = i < 4 ? 0 : 4;
     }},
    {"the median of an even number is between the two", Hold::none, // 3 × 1.5
     [](Situation &s) {
         s.to_remove(4);
         for (std::size_t i = 0; i < 5; ++i)
             s.there(i).retention->planned = 2;
     }},
    {"only the last ten plans are a measure", Hold::too_many,
     [](Situation &s) {
         s.to_remove(4);
         for (std::size_t number = 89; number > 70; --number) {
             s.before.push_back(s.run(number));
             s.before.back().repositories[1].retention->planned = 50;
         }
     }},
    {"plans that were held are no measure", Hold::too_many,
     [](Situation &s) {
         s.to_remove(50);
         for (std::size_t i = 0; i < 9; ++i)
             *s.there(i).retention = {.planned = 50, .hold = Hold::too_many};
     }},

    // a source is empty, or elsewhere
    {"a source has become empty", Hold::empty, [](Situation &s) { s.sources[1].empty = true; }},
    {"a source has become empty, and nothing would go yet", Hold::empty,
     [](Situation &s) { s.sources[1].empty = true, s.plan.remove.clear(); }},
    {"a source was empty before", Hold::none,
     [](Situation &s) {
         s.sources[1].empty = true;
         for (auto &run : s.before)
             run.sources[1].empty = true;
     }},
    {"a source has been empty since a run that was held", Hold::empty,
     [](Situation &s) {
         s.sources[1].empty = s.before[0].sources[1].empty = true;
         s.there(0).retention->hold = Hold::empty;
     }},
    {"a source was empty in a run that was held, and is back", Hold::none,
     [](Situation &s) {
         s.before[0].sources[1].empty = true;
         s.there(0).retention->hold = Hold::empty;
     }},
    {"a new source is empty", Hold::none, [](Situation &s) { s.sources.push_back({"/srv/new", "fs-2", 0, "none", true}); }},
    {"a source has become empty in the fifth run", Hold::none, [](Situation &s) { s.before.resize(4), s.sources[0].empty = true; }},
    {"a source has become empty in the sixth run", Hold::empty,
     [](Situation &s) { s.before.resize(5), s.sources[0].empty = true; }},
    {"a source is on another file system", Hold::moved, [](Situation &s) { s.sources[0].file_system = "fs-2"; }},
    {"a source is on a file system that nobody knew before", Hold::none,
     [](Situation &s) {
         for (auto &run : s.before)
             run.sources[0].file_system.clear();
     }},

    // shrunk
    {"half of the files are there", Hold::none, [](Situation &s) { s.last.summary.total_files_processed = 50; }},
    {"less than half of the files are there", Hold::shrunk, [](Situation &s) { s.last.summary.total_files_processed = 49; }},
    {"half of the bytes are there", Hold::none, [](Situation &s) { s.last.summary.total_bytes_processed = 50 * mib; }},
    {"less than half of the bytes are there", Hold::shrunk,
     [](Situation &s) { s.last.summary.total_bytes_processed = 50 * mib - 1; }},
    {"nothing is there", Hold::shrunk, [](Situation &s) { s.last.summary.total_files_processed = 0; }},
    {"it has shrunk in the fifth run", Hold::none,
     [](Situation &s) { s.before.resize(4), s.last.summary.total_files_processed = 10; }},
    {"failed runs do not count", Hold::none,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         for (std::size_t i = 0; i < 6; ++i)
             s.there(i).outcome = Outcome::failed;
     }},
    {"partial runs are no measure", Hold::none,
     [](Situation &s) { s.there(0).outcome = Outcome::partial, s.there(0).summary.total_files_processed = 1'000; }},
    {"what was missing yesterday is no measure for today", Hold::shrunk,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         for (std::size_t i = 0; i < 3; ++i) {
             s.there(i).summary.total_files_processed = 10;
             s.there(i).retention->hold = Hold::shrunk;
         }
     }},
    {"what was missing is back", Hold::none,
     [](Situation &s) {
         for (std::size_t i = 0; i < 3; ++i) {
             s.there(i).summary.total_files_processed = 10;
             s.there(i).retention->hold = Hold::shrunk;
         }
     }},
    {"what was missing is back, and new to restic", Hold::none,
     [](Situation &s) {
         s.there(0).summary.total_files_processed = 10;
         s.there(0).retention->hold = Hold::shrunk;
         s.last.summary.files_new = 90;
     }},
    {"what was missing is back, and is not what it was", Hold::rewritten,
     [](Situation &s) {
         s.there(0).summary.total_files_processed = 10;
         s.there(0).retention->hold = Hold::shrunk;
         s.last.summary.files_new = 90;
         s.last.summary.data_added = 90 * mib;
     }},
    {"a person has confirmed that it is smaller now", Hold::none,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         for (std::size_t i = 0; i < 3; ++i) {
             s.there(i).summary.total_files_processed = 10;
             s.there(i).retention->hold = i == 0 ? Hold::none : Hold::shrunk;
         }
     }},
    {"what was missing yesterday, when the clock had been wrong, is no measure for today", Hold::shrunk,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         s.there(0).summary.total_files_processed = 10;
         s.there(0).retention->hold = Hold::newest;
     }},
    {"what was missing yesterday, when a snapshot was gone, too, is no measure for today", Hold::shrunk,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         s.there(0).summary.total_files_processed = 10;
         s.there(0).retention->hold = Hold::lost;
     }},
    {"the history has none any more that was compared with others", Hold::none,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         for (std::size_t i = 0; i < 10; ++i) {
             s.there(i).summary.total_files_processed = 10;
             s.there(i).retention->hold = Hold::newest;
         }
     }},
    {"the history has none any more that was plausible", Hold::shrunk,
     [](Situation &s) {
         s.last.summary.total_files_processed = 10;
         for (std::size_t i = 0; i < 10; ++i) {
             s.there(i).summary.total_files_processed = 10;
             s.there(i).retention->hold = Hold::shrunk;
         }
     }},

    // rewritten
    {"half of the files are changed", Hold::none, [](Situation &s) { s.rewrite(s.last.summary, 50, 2); }},
    {"over half of the files are changed", Hold::rewritten, [](Situation &s) { s.rewrite(s.last.summary, 51, 2); }},
    {"over half of the files are new", Hold::rewritten, [](Situation &s) { s.last.summary.files_new = 51; }},
    {"half of the bytes are new", Hold::none, [](Situation &s) { s.rewrite(s.last.summary, 2, 50); }},
    {"over half of the bytes are new", Hold::rewritten, [](Situation &s) { s.rewrite(s.last.summary, 2, 51); }},
    {"few bytes are new, which are over half of them", Hold::none,
     [](Situation &s) {
         s.last.summary.data_added = s.last.summary.total_bytes_processed = mib;
         for (auto &run : s.before)
             run.repositories[1].summary.total_bytes_processed = mib;
     }},
    {"all is new in the fifth run", Hold::none, [](Situation &s) { s.before.resize(4), s.rewrite(s.last.summary, 100, 100); }},
    {"all is new each time", Hold::none,
     [](Situation &s) {
         for (std::size_t i = 0; i < 6; ++i)
             s.rewrite(s.there(i).summary, 100, 100);
         s.rewrite(s.last.summary, 100, 100);
     }},
    {"all is new every other time", Hold::rewritten,
     [](Situation &s) {
         for (std::size_t i = 0; i < 5; ++i)
             s.rewrite(s.there(2 * i).summary, 100, 100);
         s.rewrite(s.last.summary, 100, 100);
     }},
    {"it was rewritten yesterday, and stays so", Hold::rewritten,
     [](Situation &s) { *s.there(0).retention = {.hold = Hold::rewritten, .why = "then"}; }},
    {"it was rewritten, and then restic failed", Hold::rewritten,
     [](Situation &s) {
         *s.there(0).retention = {.hold = Hold::failed};
         *s.there(1).retention = {.hold = Hold::newest};
         *s.there(2).retention = {.hold = Hold::rewritten};
     }},
    {"it was rewritten, and then another restic worked on the repository", Hold::rewritten,
     [](Situation &s) {
         *s.there(0).retention = {.planned = 1000, .hold = Hold::locked};
         *s.there(1).retention = {.hold = Hold::rewritten, .why = "then"};
     }},
    {"what another restic has put off is no measure", Hold::too_many,
     [](Situation &s) {
         for (std::size_t i = 0; i < s.before.size(); ++i)
             *s.there(i).retention = {.planned = 50, .hold = Hold::locked};
         s.to_remove(4);
     }},
    {"it was rewritten, and then the one before was removed", Hold::rewritten,
     [](Situation &s) {
         *s.there(0).retention = {.hold = Hold::lost};
         *s.there(1).retention = {.hold = Hold::rewritten, .why = "then"};
     }},
    {"it was rewritten, and then a source was empty for a day", Hold::rewritten,
     [](Situation &s) {
         *s.there(0).retention = {.hold = Hold::empty};
         *s.there(1).retention = {.hold = Hold::rewritten, .why = "then"};
     }},
    {"it was rewritten while a source was empty", Hold::rewritten,
     [](Situation &s) {
         *s.there(0).retention = {.hold = Hold::empty};
         s.rewrite(s.there(0).summary, 100, 100);
     }},
    {"the one before was removed, so that all files were new to restic", Hold::none,
     [](Situation &s) {
         *s.there(0).retention = {.hold = Hold::lost};
         s.there(0).summary.files_new = 100, s.there(0).summary.files_changed = 0;
     }},
    {"what was missing is back, and the few files that there were are new each time", Hold::none,
     [](Situation &s) {
         s.there(0).summary.total_files_processed = 2;
         s.there(0).summary.total_bytes_processed = 2 * mib;
         s.rewrite(s.there(0).summary, 2, 2);
         s.there(0).retention->hold = Hold::shrunk;
     }},
    {"it was rewritten, then a source was empty, and a person has confirmed it", Hold::none,
     [](Situation &s) {
         *s.there(1).retention = {.hold = Hold::empty};
         *s.there(2).retention = {.hold = Hold::rewritten, .why = "then"};
     }},
    {"it was rewritten, and a person has confirmed it", Hold::none,
     [](Situation &s) { *s.there(1).retention = {.hold = Hold::rewritten}; }},
    {"it was rewritten in a run that was partial", Hold::rewritten,
     [](Situation &s) {
         s.there(0).outcome = Outcome::partial;
         s.there(0).retention.reset();
         s.rewrite(s.there(0).summary, 100, 100);
     }},
    {"it was rewritten in a run after which restic failed", Hold::rewritten,
     [](Situation &s) {
         s.there(0).retention->hold = Hold::failed;
         s.rewrite(s.there(0).summary, 100, 100);
     }},
    {"before the job had rules all was new once, in its first run", Hold::none,
     [](Situation &s) {
         for (auto &run : s.before)
             run.repositories[1].retention.reset();
         s.rewrite(s.there(9).summary, 100, 100);
     }},

    // two machines
    {"the machine has another name now", Hold::none,
     [](Situation &s) {
         s.plan.remove = {Situation::snapshot(80, "h1"), Situation::snapshot(79, "h1"), Situation::snapshot(78, "h0")};
     }},
    {"two hosts take turns", Hold::machines,
     [](Situation &s) {
         s.plan.remove.push_back(Situation::snapshot(99, "other"));
         s.plan.remove.back().time += 2h;
     }},
    {"two hosts take turns, and nothing would go", Hold::none,
     [](Situation &s) {
         s.plan.remove.clear();
         s.plan.keep.push_back(Situation::snapshot(99, "other"));
         s.plan.keep.back().time += 2h;
     }},
    {"two hosts take turns, in the order of time, whatever that of the list", Hold::machines,
     [](Situation &s) {
         s.plan.keep.push_back(Situation::snapshot(99, "other"));
         s.plan.keep.back().time += 2h;
     }},
    {"the machine had another name once, and old snapshots were removed since", Hold::none,
     [](Situation &s) { s.plan.keep[2].host = "other"; }},
    {"the machine has its old name back, and nothing was removed since", Hold::machines,
     [](Situation &s) {
         s.plan.keep[2].host = "other";
         s.there(0).retention->hold = Hold::machines;
     }},
    {"the machine has its old name back, and a person has confirmed that", Hold::none,
     [](Situation &s) {
         s.plan.keep[3].host = "other";
         s.there(1).retention->hold = Hold::machines;
     }},
    {"two hosts go on taking turns after a person has confirmed it", Hold::machines,
     [](Situation &s) {
         s.plan.keep[3].host = "other";
         s.there(1).retention->hold = Hold::machines;
         s.plan.keep.push_back(Situation::snapshot(99, "other"));
         s.plan.keep.back().time += 2h;
     }},
};

} // namespace

TEST_CASE("what may be forgotten unseen, and what not")
{
    for (const auto &[what, hold, change] : cases) {
        INFO(what);
        Situation situation;
        change(situation);
        const auto verdict = situation.verdict();
        CHECK(to_string(verdict.hold) == to_string(hold));
        if (hold != Hold::none && std::string_view{what} != "it was rewritten, and then restic failed" &&
            !std::string_view{what}.starts_with("the history"))
            CHECK_FALSE(verdict.why.empty());
    }
}

TEST_CASE("a reason says how much it is")
{
    Situation situation;
    situation.to_remove(7);
    CHECK(situation.verdict().why == "7 of 17 snapshots would go, and no more than 3 go at once unseen");
    situation.rewrite(situation.last.summary, 80, 60);
    CHECK(situation.verdict().why == "80 of 100 files are new or changed, with 60.0 MiB of new data in 100 MiB");
    situation.last.summary.total_files_processed = 7;
    CHECK(situation.verdict().why == "the backup has only 7 files (100 MiB), where it had 100 (100 MiB)");
    situation.sources[0].file_system = "ext4 /dev/sdb";
    CHECK(situation.verdict().why == "the source /srv/d is on another file system (ext4 /dev/sdb) than before (fs-1)");
    situation.sources[0].empty = true;
    CHECK(situation.verdict().why == "there is no file in the source /srv/d any more");
}

TEST_CASE("what another restic keeps from being removed is put off for three days, or for as many runs as the record has")
{
    const auto now = Clock::now();
    Record record;
    const auto ended = [&](std::chrono::hours ago, Hold hold, const std::string &repository = nas) {
        record.history.push_back(
            {.ended = now - ago, .repositories = {{.repository = repository, .retention = Retention{.hold = hold}}}});
    };
    CHECK(may_be_put_off(record, nas, now));
    ended(1h, Hold::locked);
    ended(71h, Hold::locked);
    record.history.push_back({.ended = now - 72h}); // a run that did not come to that
    CHECK(may_be_put_off(record, nas, now));
    ended(73h, Hold::locked, "usb");
    ended(73h, Hold::none);
    CHECK(may_be_put_off(record, nas, now));
    record.history.back().repositories.front().retention->hold = Hold::failed;
    CHECK_FALSE(may_be_put_off(record, nas, now));

    record.history.clear();
    while (record.history.size() < Record::history_max)
        ended(1h, Hold::locked);
    CHECK_FALSE(may_be_put_off(record, nas, now));
    CHECK(may_be_put_off(record, "usb", now));
    record.history.back().repositories.front().retention->hold = Hold::none;
    CHECK(may_be_put_off(record, nas, now));
}

TEST_CASE("a person may have everything removed but the newest snapshot")
{
    for (const auto hold : holds)
        CHECK(can_be_confirmed(hold) ==
              (hold != Hold::none && hold != Hold::newest && hold != Hold::locked && hold != Hold::failed));
}
