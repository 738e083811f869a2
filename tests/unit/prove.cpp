// SPDX-License-Identifier: MIT
#include "exec/prove.hpp"
#include "exec/prove-by-hand.hpp"
#include "exec/report/result.hpp"
#include "exec/report/state-file.hpp"
#include "exec/restic/cause.hpp"
#include "exec/retention.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

const auto now = Clock::time_point{1'764'000'000s};

Run a_run(Clock::time_point ended, Finding finding)
{
    return {.invocation_id = "1",
            .started = ended,
            .ended = ended,
            .outcome = finding == Finding::disproved ? Outcome::disproved : Outcome::success,
            .repositories = {{.repository = "nas",
                              .outcome = finding == Finding::disproved ? Outcome::disproved : Outcome::success,
                              .summary = {.snapshot_id = std::string(64, 'a')},
                              .proof = Proof{Extent::full, finding, 5210, 1'288'490'189, 20, "canary"}}}};
}

restic::PlannedSnapshot planned(const std::string &id)
{
    return {.id = id, .time = {}, .host = {}, .reasons = {}};
}

} // namespace

TEST_CASE("a proof holds for its days, and for no longer where one was a disproof since")
{
    const Prove weekly{.extent = Extent::full, .every = std::chrono::days{7}};
    Record record;
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now));
    CHECK_FALSE(is_proof_due({.extent = Extent::off}, record, "nas", Lacks::nothing, now));
    add(record, a_run(now, Finding::proven));
    CHECK_FALSE(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 6 * 24h));
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 7 * 24h - 1h)); // a timer is not so exact
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now - 1h)); // the clock was set back
    CHECK(is_proof_due(weekly, record, "usb", Lacks::nothing, now + 1h));
    CHECK(is_proof_due({.extent = Extent::sample, .every = {}}, record, "nas", Lacks::nothing, now + 1s));
    add(record, a_run(now + 24h, Finding::unproven));
    CHECK_FALSE(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 25h));
    add(record, a_run(now + 48h, Finding::disproved));
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 49h));
    add(record, a_run(now + 50h, Finding::unproven));
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 51h));
    add(record, a_run(now + 52h, Finding::proven));
    CHECK_FALSE(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 53h));
}

TEST_CASE("a run that misses something has no last proven backup, and its proof holds for others that do, for its days")
{
    const Prove weekly{.extent = Extent::full, .every = std::chrono::days{7}};
    auto run = a_run(now, Finding::proven); // a source was not there, which no repository knows
    run.outcome = Outcome::partial;
    run.whole = false;
    Record record;
    add(record, run);
    CHECK(record.proven.empty());
    CHECK_FALSE(is_proof_due(weekly, record, "nas", Lacks::something, now + 1h));
    CHECK_FALSE(is_proof_due({.extent = Extent::sample, .every = std::chrono::days{7}}, record, "nas", Lacks::something, now + 1h));
    CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 1h));
    run.repositories.front().proof->extent = Extent::sample;
    record = {};
    add(record, run);
    CHECK(is_proof_due(weekly, record, "nas", Lacks::something, now + 2h)); // less was proven
}

TEST_CASE("what went wrong elsewhere, or afterwards, takes no backup its proof")
{
    auto run = a_run(now, Finding::proven);
    run.whole = true;
    SECTION("another repository's disk lost a file")
    {
        run.repositories.push_back(
            {.repository = "usb", .outcome = Outcome::partial, .summary = {.snapshot_id = std::string(64, 'b')}});
    }
    SECTION("old backups could not be removed")
    {
        run.repositories.front().outcome = Outcome::partial;
        run.repositories.front().retention = Retention{.hold = Hold::failed};
    }
    run.outcome = Outcome::partial;
    Record record;
    add(record, run);
    REQUIRE(record.proven.size() == 1);
    CHECK(record.proven.front().snapshot_id == std::string(64, 'a'));
    CHECK_FALSE(is_proof_due({.extent = Extent::full, .every = std::chrono::days{7}}, record, "nas", Lacks::nothing, now + 1h));
}

TEST_CASE("the record has the last proven backup of each repository, and a disproved one is none")
{
    Record record;
    add(record, a_run(now, Finding::proven));
    add(record, a_run(now + 24h, Finding::disproved));
    REQUIRE(record.proven.size() == 1);
    CHECK(record.proven.front().proven == now);
    CHECK(record.proven.front().restored == 20);
    add(record, a_run(now + 48h, Finding::proven));
    REQUIRE(record.proven.size() == 1);
    CHECK(record.proven.front().proven == now + 48h);
}

TEST_CASE("a kept instant that is sent late takes no newer backup its place as the last proven one")
{
    const auto sent = [](Clock::time_point ended, Clock::time_point instant) {
        auto run = a_run(ended, Finding::proven);
        run.kept_run = "kept";
        run.instant = instant;
        run.repositories.front().summary.snapshot_id = std::string(64, 'b');
        return run;
    };
    Record record;
    add(record, a_run(now, Finding::proven));
    add(record, sent(now + 1h, now - 24h));
    REQUIRE(record.proven.size() == 1);
    CHECK(record.proven.front().snapshot_id == std::string(64, 'a'));
    CHECK(record.proven.front().instant == now);

    SECTION("a newer one does")
    {
        add(record, sent(now + 2h, now + 30min));
        REQUIRE(record.proven.size() == 1);
        CHECK(record.proven.front().snapshot_id == std::string(64, 'b'));
    }
    SECTION("one of a clock that was ahead keeps its place no longer than until the next")
    {
        add(record, sent(now - 20h, now - 24h));
        REQUIRE(record.proven.size() == 1);
        CHECK(record.proven.front().snapshot_id == std::string(64, 'b'));
    }
    SECTION("when the newer one is disproved by hand the next backup is proved at once")
    {
        const Prove weekly{.extent = Extent::full, .every = std::chrono::days{7}};
        CHECK_FALSE(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 2h));
        auto found = record.history.back().repositories.front();
        found.proof = Proof{.extent = Extent::full, .finding = Finding::disproved, .why = "restic cannot read the backup"};
        disprove(record, found);
        CHECK(record.proven.empty());
        CHECK(is_proof_due(weekly, record, "nas", Lacks::nothing, now + 2h));
    }
}

TEST_CASE("a snapshot is known by its first digits also when its run has left the history")
{
    const std::string succeeded(64, 'a'), proven(64, 'b'), older(64, 'c');
    Record record;
    record.last_success = a_run(now, Finding::unproven);
    record.proven = {{.repository = "nas", .snapshot_id = proven, .instant = now - 24h}};
    const auto id_of = [&](const std::string &snapshot) {
        return find_made(record, "nas", snapshot).value().result.summary.snapshot_id;
    };
    CHECK(id_of("aaaaaaaa") == succeeded);
    CHECK(id_of("bbbbbbbb") == proven);
    CHECK(find_made(record, "nas", "bbbbbbbb").value().instant == now - 24h);
    CHECK(id_of("cccccccc") == "cccccccc"); // nobody knows it
    CHECK(id_of("") == succeeded);
    CHECK_FALSE(find_made(record, "usb", ""));
    auto run = a_run(now - 48h, Finding::unproven);
    run.repositories.front().summary.snapshot_id = older;
    record.history = {run};
    CHECK(id_of("cccccccc") == older);
    CHECK(id_of("") == succeeded);

    auto found = find_made(record, "nas", "bbbbbbbb").value().result;
    found.proof = Proof{.extent = Extent::full, .finding = Finding::disproved, .why = "restic cannot read the backup"};
    disprove(record, found);
    CHECK(record.proven.empty());
    CHECK(is_proof_due({.extent = Extent::full, .every = std::chrono::days{7}}, record, "nas", Lacks::nothing, now + 1h));
}

TEST_CASE("what is disproved by hand was no good run")
{
    const auto run_of = [](const std::string &number) {
        return Run{.invocation_id = number,
                   .outcome = Outcome::success,
                   .instant = Clock::time_point{std::chrono::hours{std::stoi(number)}},
                   .repositories = {{.repository = "nas", .outcome = Outcome::success, .summary = {.snapshot_id = "a" + number}},
                                    {.repository = "usb", .outcome = Outcome::success, .summary = {.snapshot_id = "b" + number}}},
                   .basis = "basis"};
    };
    Record record;
    add(record, run_of("1"));
    add(record, run_of("2"));
    auto unchanged = run_of("3");
    unchanged.repositories[0].summary.snapshot_id = "a2";
    unchanged.repositories[0].unchanged_since = unchanged.instant;
    add(record, unchanged);
    auto found = record.history[1].repositories[0];
    found.proof = Proof{.extent = Extent::full, .finding = Finding::disproved, .why = "restic cannot read the backup"};
    record.proven = {{.repository = "nas", .snapshot_id = "a2"}, {.repository = "usb", .snapshot_id = "b2"}};
    disprove(record, found);

    for (const auto index : {0, 1}) {
        const auto &run = record.history.at(static_cast<std::size_t>(index));
        CHECK(run.outcome == Outcome::disproved);
        CHECK(run.message == "nas: restic cannot read the backup");
        CHECK(run.repositories[0].outcome == Outcome::disproved);
        CHECK(run.repositories[0].message == "restic cannot read the backup");
        CHECK(run.repositories[0].proof == found.proof);
        CHECK(run.repositories[1].outcome == Outcome::success);
    }
    CHECK(record.history[2] == run_of("1"));
    CHECK(record.last_success == run_of("1"));
    REQUIRE(record.up_to_date.size() == 1);
    CHECK(record.up_to_date[0].repository == "usb");
    REQUIRE(record.proven.size() == 1);
    CHECK(record.proven[0].repository == "usb");

    const auto once = record.history;
    disprove(record, found);
    CHECK(record.history == once);
    found.summary.snapshot_id = "a1";
    disprove(record, found);
    CHECK_FALSE(record.last_success);
}

TEST_CASE("a disproof says why to root and not to everybody, and is no success")
{
    auto run = a_run(now, Finding::disproved);
    run.repositories.front().message = "canary";
    CHECK(result_sentence("home", run) == "Backup of home is disproved: canary");
    CHECK_FALSE(public_sentence("home", run).contains("canary"));
    CHECK_FALSE(succeeded(run));
    CHECK(exit_status(run) == ExitStatus::failed);
    CHECK(worse(Outcome::failed, Outcome::disproved) == Outcome::disproved);
    CHECK(proof_sentence("home", "nas", *a_run(now, Finding::proven).repositories.front().proof) ==
          "Backup of home in nas is proven: 5,210 files (1.2 GiB) are as in the source, 20 of them restored");
    CHECK(proof_sentence("home", "nas", {.extent = Extent::sample, .finding = Finding::proven, .restored = 1}) ==
          "Backup of home in nas is proven: 1 file restored, as in the source");
    CHECK(proof_sentence("home", "nas", {.why = "it was stopped"}) ==
          "Backup of home in nas stands, and is not proven: it was stopped");
}

TEST_CASE("the last proven snapshot moves from what would go to what stays")
{
    restic::Plan plan{.keep = {planned("k")}, .remove = {planned("a"), planned("b")}};
    spare(plan, "b");
    REQUIRE(plan.keep.size() == 2);
    CHECK(plan.keep.back().id == "b");
    CHECK(plan.keep.back().reasons == std::vector<std::string>{"last proven"});
    REQUIRE(plan.remove.size() == 1);
    CHECK(plan.remove.front().id == "a");
    spare(plan, "");
    spare(plan, "k");
    CHECK(plan.remove.size() == 1);
    plan.remove.front().original = "tagged since";
    spare(plan, "tagged since");
    CHECK(plan.remove.empty());
}

TEST_CASE("damage is told from a server that is out of reach, and from what a restore may not set")
{
    for (const std::string_view words :
         {"decrypting blob <data/990d361c> from d4707a6f failed: ciphertext verification failed",
          "ReadFull(<data/d4707a6f11>): file is too short", "LoadRaw(<index/d05b51c740>): invalid data returned",
          "ReadFull(<data/d4707a6f11>): open /r/data/d4/d4707a6f: no such file or directory",
          "Load(<data/29b7bbc734>, 243, 855) failed: <data/29b7bbc734> does not exist",
          "id 73b5b35f201816ec3ddb38ee42121bf8ef6da0a7aa4db0a89cfadb04dd2d7b81 not found in repository",
          "Fatal: failed to find snapshot: failed to load snapshot b6baf56e: open /r/snapshots/b6: no such file or directory"})
        CHECK(restic::is_damage(words));
    for (const std::string_view words :
         {"lchown /restored/a: no such file or directory", "dial tcp 192.0.2.1:443: connect: connection refused",
          "write /restored/a: no space left on device", "Fatal: There were 8 errors", "unknown flag: --dry-run"})
        CHECK_FALSE(restic::is_damage(words));
}
