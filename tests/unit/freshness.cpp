// SPDX-License-Identifier: MIT
#include "exec/freshness.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <format>
#include <fstream>
#include <string>
#include <vector>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

const std::string nas = "nas";
const std::vector<std::string> tags{"igotchuu-job=home", "igotchuu-machine=0123"};
const Clock::time_point noon{std::chrono::sys_days{2026y / 11 / 26} + 12h};

std::string id(unsigned number)
{
    return std::format("{:064x}", number);
}

restic::Stored snapshot(unsigned number, std::chrono::hours age)
{
    return {.id = id(number), .time = noon - age, .host = "laptop", .tags = tags, .paths = {"/home", "/srv"}};
}

RepositoryResult result(unsigned number, Outcome outcome = Outcome::success)
{
    return {.repository = nas, .outcome = outcome, .summary = {.snapshot_id = id(number)}};
}

/// A run that ended so long ago, and made that snapshot.
Run run(unsigned number, std::chrono::hours age, Outcome outcome = Outcome::success)
{
    return {.started = noon - age - 1min,
            .ended = noon - age + 1min,
            .outcome = outcome,
            .instant = noon - age,
            .repositories = {result(number, outcome)},
            .sources = {{.source = "/home"}, {.source = "/srv"}}};
}

/// One that had nothing to do: that snapshot, of so long before, was all.
Run unchanged(unsigned number, std::chrono::hours age, std::chrono::hours since)
{
    auto one = run(number, age);
    one.repositories.front().unchanged_since = noon - since;
    return one;
}

/// To begin with, one in which all is well: a snapshot each day, and 26 hours are allowed.
struct Situation {
    Job job;
    Answer answer{.asked = noon, .snapshots = {snapshot(3, 5h), snapshot(2, 29h), snapshot(1, 53h)}};
    Record record{.job = "home", .history = {run(3, 5h), run(2, 29h), run(1, 53h)}};

    Situation()
    {
        job.name = job.instance = "home";
        job.sources = {"/home", "/srv"};
        job.objective = 26h;
    }
    std::optional<Clock::time_point> busy_since{};
    std::vector<Clock::time_point> wanted{};
    [[nodiscard]] FreshnessInQuestion question() const
    {
        return {job, nas, answer, record, tags, "laptop", noon, busy_since, wanted};
    }
    [[nodiscard]] Freshness judge() const { return igotchuu::judge(question()); }
    [[nodiscard]] std::string sentence() const { return freshness_sentence(question(), judge(), {}); }
    /// Somebody has removed the newest.
    void lose_one() { answer.snapshots.erase(answer.snapshots.begin()); }
    /// It cannot be asked, and never was.
    void never_asked() { answer = {.tried = noon, .why_not = "nothing listens there"}; }
};

} // namespace

TEST_CASE("a backup is as old as the newest snapshot in the repository, and fresh within the objective")
{
    Situation all_well;
    const auto freshness = all_well.judge();
    CHECK(freshness.fresh);
    CHECK(freshness.as_of == noon - 5h);
    CHECK(freshness.snapshot_id == id(3));
    CHECK_FALSE(freshness.unchanged);
    CHECK(freshness.why.empty());
    CHECK(all_well.sentence().starts_with("The backup of home in nas is fresh: 5 h old, as of "));
    CHECK(all_well.sentence().ends_with(" (snapshot 00000000)"));
    all_well.job.objective = 5h;
    CHECK(all_well.judge().fresh);
    all_well.job.objective = 4h;
    CHECK_FALSE(all_well.judge().fresh);
}

TEST_CASE("no run since, of a machine that was off or whose timer is masked, is too old")
{
    Situation off;
    off.answer.snapshots = {snapshot(3, 75h)};
    off.record.history = {run(3, 75h)};
    const auto freshness = off.judge();
    CHECK_FALSE(freshness.fresh);
    CHECK(freshness.why.empty()); // systemd knows more
    const auto said = freshness_sentence(off.question(), freshness, "its timer is masked");
    CHECK(said.starts_with("The backup of home in nas is too old: the newest good one is 3 d 3 h old, as of "));
    CHECK(said.ends_with("(snapshot 00000000), and 26 h are allowed (objective-hours); its timer is masked. To back up now: "
                         "systemctl start 'igotchuu@home'"));
}

TEST_CASE("never backed up is said so")
{
    Situation nothing;
    nothing.answer.snapshots.clear();
    nothing.record = {};
    CHECK_FALSE(nothing.judge().fresh);
    CHECK(nothing.sentence() == "There is no good backup of home in nas. To back up now: systemctl start 'igotchuu@home'");
}

TEST_CASE("a snapshot that is gone is missed, whatever the record says")
{
    Situation removed;
    removed.lose_one();
    const auto freshness = removed.judge();
    CHECK_FALSE(freshness.fresh);
    CHECK(freshness.as_of == noon - 29h);
    CHECK(freshness.snapshot_id == id(2));
    CHECK(freshness.why.starts_with("the snapshot 00000000, which the run of 2026-11-26 "));
    CHECK(freshness.why.contains("is not there any more: it was removed, or an older copy is in the repository's place"));
    removed.record.history.insert(removed.record.history.begin(), unchanged(3, 1h, 5h)); // it only believed that it is there
    CHECK_FALSE(removed.judge().fresh);
    removed.answer.asked = noon - 2h; // also where the answer is older than that run
    CHECK_FALSE(removed.judge().fresh);
    removed.record.last_success = unchanged(3, 1h, 5h);
    CHECK_FALSE(removed.judge().fresh);
}

TEST_CASE("a snapshot that somebody has tagged or rewritten is the same one")
{
    Situation tagged;
    tagged.answer.snapshots.front().id = id(9);
    tagged.answer.snapshots.front().original = id(3);
    CHECK(tagged.judge().fresh);
    CHECK(tagged.judge().snapshot_id == id(9));
    tagged.record.history.front() = run(3, 5h, Outcome::partial);
    CHECK_FALSE(tagged.judge().fresh);
}

TEST_CASE("a run that had nothing to do makes the snapshot as fresh as itself")
{
    Situation still;
    still.answer.snapshots = {snapshot(3, 75h)};
    still.record.history = {unchanged(3, 2h, 75h), run(3, 75h)};
    const auto freshness = still.judge();
    CHECK(freshness.fresh);
    CHECK(freshness.as_of == noon - 2h);
    CHECK(freshness.unchanged);
    CHECK(still.sentence().contains("2 h old, unchanged as of "));
    still.record.history.front().repositories.front().repository = "usb";
    CHECK_FALSE(still.judge().fresh);
}

TEST_CASE("what was disproved by hand is no good backup, also when the run that made it has left the record")
{
    Situation still;
    still.job.objective = 100h;
    still.answer.snapshots = {snapshot(3, 75h)};
    still.record.history = {unchanged(3, 2h, 75h)};
    CHECK(still.judge().fresh);
    auto &run = still.record.history.front();
    run.outcome = run.repositories.front().outcome = Outcome::disproved;
    CHECK_FALSE(still.judge().fresh);
}

TEST_CASE("what misses something, or is not what was backed up, is no good backup")
{
    for (const auto outcome : {Outcome::partial, Outcome::disproved, Outcome::failed}) {
        Situation bad;
        bad.record.history.front() = run(3, 5h, outcome);
        bad.record.history.front().repositories.front().message = "2 files could not be read";
        const auto freshness = bad.judge();
        CHECK_FALSE(freshness.fresh);
        CHECK(freshness.as_of == noon - 29h);
        CHECK(freshness.why.starts_with("the last run, of 2026-11-26 "));
        CHECK(freshness.why.ends_with(std::format(", ended as {}: 2 files could not be read", to_string(outcome))));
    }
}

TEST_CASE("what misses something does so in each repository, whatever else went wrong in another one")
{
    Situation missing; // another file system was mounted below a source, and then a key expired
    auto &last = missing.record.history.front();
    last.whole = false;
    last.outcome = Outcome::failed;
    last.message = "another file system is mounted on /home/media";
    last.repositories.push_back({.repository = "s3", .outcome = Outcome::failed});
    CHECK_FALSE(missing.judge().fresh);
    CHECK(missing.judge().why.ends_with("ended as failed: another file system is mounted on /home/media"));
    for (const auto outcome : {Outcome::stopped, Outcome::partial, Outcome::pending, Outcome::success}) {
        last.outcome = last.repositories.back().outcome = outcome;
        CHECK_FALSE(missing.judge().fresh);
    }
    last.whole = true; // what failed after the snapshot is no fault of it
    for (const auto outcome : {Outcome::stopped, Outcome::failed, Outcome::success}) {
        last.outcome = outcome;
        CHECK(missing.judge().fresh);
    }
}

TEST_CASE(
    "a run of before that did not say what it missed, and is worse than what came of it anywhere, has missed something everywhere")
{
    Situation missing; // a source's nested subvolumes beyond the limit, say
    auto &last = missing.record.history.front();
    last.outcome = Outcome::partial;
    last.message = "1 of 3 nested subvolumes is left out";
    CHECK_FALSE(missing.judge().fresh);
    CHECK(missing.judge().why.ends_with("ended as partial: 1 of 3 nested subvolumes is left out"));
    last.repositories.push_back({.repository = "usb", .outcome = Outcome::partial}); // that explains it
    CHECK(missing.judge().fresh);
    last.outcome = Outcome::failed;
    last.repositories.back().outcome = Outcome::failed;
    CHECK(missing.judge().fresh);
    last.repositories.pop_back();
    CHECK_FALSE(missing.judge().fresh);
}

TEST_CASE("a stop, and old backups that could not be removed, are no fault of the snapshot")
{
    Situation stopped;
    stopped.record.history.front().outcome = Outcome::stopped;
    CHECK(stopped.judge().fresh);
    Situation kept;
    auto &last = kept.record.history.front();
    last.outcome = last.repositories.front().outcome = Outcome::partial;
    CHECK_FALSE(kept.judge().fresh);
    last.repositories.front().retention = Retention{.hold = Hold::failed, .why = "the server refuses it"};
    CHECK(kept.judge().fresh);
    last.repositories.front().errors = 1;
    CHECK_FALSE(kept.judge().fresh);
}

TEST_CASE("what the record does not know counts: it may have been made while it was lost")
{
    Situation unknown;
    unknown.record = {};
    CHECK(unknown.judge().fresh);
}

TEST_CASE("the snapshot of a run that is under way, or was killed, is none that somebody has found good")
{
    Situation busy;
    busy.answer.snapshots = {snapshot(9, 1h), snapshot(1, 53h)};
    busy.record.history = {run(1, 53h)};
    CHECK(busy.judge().fresh);
    busy.busy_since = noon - 1h + 700ms; // restic's times are of whole seconds
    CHECK_FALSE(busy.judge().fresh);
    CHECK(busy.judge().as_of == noon - 53h);
    CHECK(busy.judge().why.ends_with("is of a run that has not said as yet what it came to"));
    busy.busy_since = noon - 59min;
    CHECK(busy.judge().fresh);
    busy.wanted = {noon - 1h}; // a kept instant that is being sent
    CHECK_FALSE(busy.judge().fresh);
    busy.wanted.clear();
    Run killed{.started = noon - 1h - 1min, .ended = noon - 30min, .outcome = Outcome::killed};
    busy.record.history.insert(busy.record.history.begin(), killed);
    CHECK_FALSE(busy.judge().fresh);
    busy.record.history.front().started = noon - 40min;
    CHECK(busy.judge().fresh);
    auto &last = busy.record.history.front() =
        run(8, 1h, Outcome::failed); // its restic was killed before it could say what it had made
    last.started = noon - 1h - 1min;
    last.repositories.front().summary = {};
    CHECK_FALSE(busy.judge().fresh);
    busy.record.history.front() = run(9, 1h); // it has ended since, and says that it is good
    busy.busy_since = noon - 1h;
    CHECK(busy.judge().fresh);
}

TEST_CASE("a snapshot that has left the record was good only if it is not newer than the last success")
{
    Situation old; // each hour one that misses a file
    old.job.objective = 200h;
    old.record.history.clear();
    old.answer.snapshots.clear();
    for (unsigned number = 1; number <= 100; ++number) {
        old.record.history.push_back(run(number, std::chrono::hours{number}, Outcome::partial));
        old.answer.snapshots.push_back(snapshot(number, std::chrono::hours{number}));
    }
    old.answer.snapshots.push_back(snapshot(101, 101h));
    CHECK_FALSE(old.judge().fresh);
    CHECK_FALSE(old.judge().as_of);
    old.record.last_success = run(150, 150h);
    CHECK_FALSE(old.judge().fresh);
    old.answer.snapshots.push_back(snapshot(150, 150h));
    CHECK(old.judge().as_of == noon - 150h);
    old.record.last_success.reset();
    old.record.history.pop_back(); // one that was begun anew: what was before it may have been good
    CHECK(old.judge().as_of == noon - 100h);
}

TEST_CASE("a record that is there and cannot be read is not taken for a job that has had no run")
{
    const LittleRoot root;
    const StateDirectories where{.records = root.path()};
    CHECK(known_runs(where, "home").history.empty());
    write(where, "home", Record{.job = "home", .history = {run(1, 1h)}});
    CHECK(known_runs(where, "home").history.size() == 1);
    std::ofstream{root.path() / "home.json"} << R"({"schema":2,"job":"home"})";
    CHECK_THROWS_AS(known_runs(where, "home"), Failure);
}

TEST_CASE("a snapshot of another job, another machine, or without a source of the job is none of the job's")
{
    Situation other;
    other.answer.snapshots.front().tags = {"igotchuu-job=home", "igotchuu-machine=4567"};
    CHECK_FALSE(other.judge().fresh);
    other.answer.snapshots.front().tags = {"igotchuu-job=other", "igotchuu-machine=0123"};
    CHECK_FALSE(other.judge().fresh);
    other.answer.snapshots.front().tags = {"mine", "igotchuu-machine=0123", "igotchuu-job=home"};
    CHECK(other.judge().fresh);
    other.job.sources.emplace_back("/etc");
    CHECK_FALSE(other.judge().fresh);
    CHECK(other.judge().why.ends_with("does not have the source /etc"));
    CHECK(other.judge().why.starts_with("the newest snapshot, 00000000 of 2026-11-26 "));
    CHECK_FALSE(other.judge().as_of);
}

TEST_CASE("what a clone of the machine backs up keeps nothing of the original fresh, and another name of this one loses nothing")
{
    Situation clone;
    clone.record.history = {run(3, 75h)};
    clone.answer.snapshots = {snapshot(9, 5h), snapshot(8, 29h), snapshot(3, 75h)};
    clone.answer.snapshots[0].host = clone.answer.snapshots[1].host = "clone";
    CHECK_FALSE(clone.judge().fresh);
    CHECK(clone.judge().as_of == noon - 75h);
    CHECK(clone.judge().why.starts_with("the newest snapshot, 00000000 of 2026-11-26 "));
    CHECK(clone.judge().why.contains("was made by the host clone, which has the id of this machine"));
    clone.record.last_success = run(9, 5h); // it is this machine's, of when it had another name
    CHECK(clone.judge().fresh);
    Situation renamed;
    for (auto &snapshot : renamed.answer.snapshots)
        snapshot.host = "old-name";
    CHECK(renamed.judge().fresh);
}

TEST_CASE("a snapshot of a time that is yet to come says nothing of its age")
{
    Situation wrong;
    wrong.answer.snapshots.front() = snapshot(3, -24h);
    wrong.record.history.erase(wrong.record.history.begin());
    CHECK_FALSE(wrong.judge().fresh);
    CHECK(wrong.judge().as_of == noon - 29h);
    CHECK(wrong.judge().why.ends_with("is of a time that is yet to come (was the clock wrong?)"));
    wrong.answer.snapshots.front().time = noon + 5min; // a clock is set back by as much
    CHECK(wrong.judge().fresh);
    CHECK(wrong.sentence().contains(": 0 s old, as of "));
}

TEST_CASE("a repository that cannot be asked is as fresh as the record knows")
{
    Situation drawer;
    drawer.never_asked();
    const auto freshness = drawer.judge();
    CHECK(freshness.fresh);
    CHECK(freshness.as_of == noon - 5h);
    CHECK(drawer.sentence().ends_with("; that is what is known, for it cannot be asked now: nothing listens there"));
    drawer.record.history = {run(3, 27h)};
    CHECK_FALSE(drawer.judge().fresh);
    drawer.record.history = {run(4, 1h, Outcome::partial)};
    CHECK_FALSE(drawer.judge().fresh);
    drawer.record.last_success = run(3, 5h); // it has left the history
    CHECK(drawer.judge().fresh);
    drawer.record.last_success->sources.pop_back();
    CHECK_FALSE(drawer.judge().fresh);
}

TEST_CASE("a repository that cannot be asked now is believed what it said last, and the record what came after that")
{
    Situation drawer;
    drawer.lose_one();
    drawer.answer.asked = noon - 4h;
    drawer.answer.tried = noon;
    drawer.answer.why_not = "nothing listens there";
    CHECK_FALSE(drawer.judge().fresh); // it was known to be gone
    CHECK(drawer.judge().why.contains("is not there any more"));
    drawer.record.history.insert(drawer.record.history.begin(), run(4, 1h));
    CHECK(drawer.judge().fresh);
    CHECK(drawer.judge().as_of == noon - 1h);
}

TEST_CASE("a server that had lost the backup before the newest one is warned of, and no rules are")
{
    Situation lost; // put back to a copy of two days ago, before the newest was made
    auto &server = lost.job.repositories.emplace_back();
    server.name = nas;
    server.location = "rest:https://nas/";
    lost.answer.snapshots = {snapshot(3, 5h), snapshot(1, 53h)};
    auto &newest = lost.answer.snapshots.front();
    newest.parent = id(1);
    CHECK(lost.judge().fresh);
    CHECK(lost.judge().lost.starts_with("the snapshot 00000000, which the run of 2026-11-2"));
    CHECK(lost.sentence().starts_with("The backup of home in nas is fresh: 5 h old, as of "));
    CHECK(lost.sentence().ends_with("To see what is left: igotchuu snapshots 'home'"));
    const auto is_silent = [](const Situation &situation) {
        return situation.judge().fresh && situation.judge().lost.empty() && situation.sentence().ends_with(" (snapshot 00000000)");
    };
    SECTION("all was deleted")
    {
        newest.parent.clear();
        lost.answer.snapshots.pop_back();
        CHECK_FALSE(lost.judge().lost.empty());
    }
    SECTION("it was there then, and rules or a person have removed it since")
    {
        newest.parent = id(2);
        CHECK(is_silent(lost));
    }
    SECTION("all files were read anew, so that there is no parent")
    {
        newest.parent.clear();
        CHECK(is_silent(lost));
    }
    SECTION("it was disproved, and so is alone what was made after it")
    {
        newest.parent.clear();
        lost.answer.snapshots.pop_back();
        lost.record.history[1] = run(2, 29h, Outcome::disproved);
        CHECK(is_silent(lost));
    }
    SECTION("it is there, and its parent another one since the clock was wrong")
    {
        lost.answer.snapshots.insert(lost.answer.snapshots.begin() + 1, snapshot(2, 29h));
        CHECK(is_silent(lost));
    }
    SECTION("it is there by another id, since somebody has tagged it")
    {
        lost.answer.snapshots.insert(lost.answer.snapshots.begin() + 1, snapshot(7, 29h));
        lost.answer.snapshots[1].original = id(2);
        CHECK(is_silent(lost));
    }
    SECTION("a directory may be another disk's today, and a credential another address")
    {
        server.location = "/mnt/usb/restic";
        CHECK(is_silent(lost));
        server.location.clear();
        CHECK(is_silent(lost));
    }
    SECTION("the job decides itself what the parent is")
    {
        lost.job.restic_args = {"--force"};
        CHECK(is_silent(lost));
    }
    SECTION("the run before had nothing to do, or was sent late")
    {
        lost.record.history[1] = unchanged(1, 29h, 53h);
        CHECK(is_silent(lost));
        lost.record.history[1] = run(2, 29h);
        lost.record.history[1].kept_run = "0123";
        CHECK(is_silent(lost));
    }
    SECTION("the run has removed what its rules keep no longer")
    {
        lost.record.history[0].repositories[0].retention = Retention{.kept = 2, .planned = 1, .removed = 1};
        CHECK(is_silent(lost));
    }
    SECTION("its parent is one that the record does not know: it was tagged, copied, or left by a run that was killed")
    {
        newest.parent = id(9);
        CHECK(is_silent(lost));
    }
    SECTION("its parent was sent late")
    {
        lost.record.history.insert(lost.record.history.begin() + 1, run(4, 12h));
        lost.record.history[1].kept_run = "0123";
        newest.parent = id(4);
        CHECK(is_silent(lost));
    }
    SECTION("the next one has it as its parent")
    {
        lost.record.history.insert(lost.record.history.begin(), run(4, 1h));
        lost.answer.snapshots.insert(lost.answer.snapshots.begin(), snapshot(4, 1h));
        lost.answer.snapshots.front().parent = id(3);
        CHECK(is_silent(lost));
    }
}

TEST_CASE("what was made elsewhere says nothing of a repository that has moved")
{
    Situation moved;
    moved.never_asked();
    moved.answer.moved = noon - 2h;
    CHECK_FALSE(moved.judge().as_of);
    CHECK(moved.judge().why.starts_with("its address or its password is another one since 2026-11-26 "));
    moved.record.history.insert(moved.record.history.begin(), run(4, 1h));
    CHECK(moved.judge().fresh);
    CHECK(moved.judge().as_of == noon - 1h);
    moved.answer = {.asked = noon, .snapshots = {snapshot(3, 5h)}, .moved = noon - 2h}; // it was there all along
    moved.record.history.erase(moved.record.history.begin());
    CHECK(moved.judge().fresh);
}

TEST_CASE("looks that never get there are not believed for longer than the objective where backups do")
{
    Situation blind;
    blind.never_asked();
    blind.answer.in_vain_since = noon - 27h;
    const auto freshness = blind.judge();
    CHECK_FALSE(freshness.fresh);
    CHECK(freshness.unasked_since == noon - 27h);
    CHECK(blind.sentence().starts_with("Nobody knows how fresh the backup of home in nas is: since 2026-11-25 "));
    CHECK(blind.sentence().contains(
        ", for more than 26 h (objective-hours), no look has got there, though a backup has; the newest good one was 5 h old"));
    CHECK(blind.sentence().ends_with("nothing listens there. To look again: systemctl start 'igotchuu-fresh@home'"));
    blind.answer.in_vain_since = noon - 26h; // the machine may have been off, and the server be down for a moment
    CHECK(blind.judge().fresh);
    blind.answer.in_vain_since = noon - 27h;
    blind.record.history = {unchanged(3, 1h, 28h), run(3, 28h)}; // a disk in its drawer: no backup has got there either
    CHECK(blind.judge().fresh);
    blind.record.history.front().repositories.front().unchanged_since.reset();
    CHECK_FALSE(blind.judge().fresh);
    blind.answer.asked = noon;
    blind.answer.snapshots = {snapshot(3, 1h)};
    blind.answer.tried = noon - 1min;
    CHECK(blind.judge().fresh);
}

TEST_CASE("an instant that was sent late is as old as the instant")
{
    Situation late;
    late.never_asked();
    late.record.history = {run(3, 5h)};
    late.record.history.front().kept_run = "another";
    late.record.history.front().instant = noon - 50h;
    CHECK(late.judge().as_of == noon - 50h);
    CHECK_FALSE(late.judge().fresh);
}

TEST_CASE("the last change in a repository is the end of the last run that did something there")
{
    Situation all_well;
    CHECK(last_change(all_well.record, nas) == noon - 5h + 1min);
    CHECK(last_change(all_well.record, "usb") == Clock::time_point{});
    all_well.record.history.insert(all_well.record.history.begin(), unchanged(3, 1h, 5h));
    CHECK(last_change(all_well.record, nas) == noon - 5h + 1min);
}
