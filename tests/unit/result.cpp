// SPDX-License-Identifier: MIT
#include "exec/report/result.hpp"
#include "job/amount.hpp"
#include "job/status-text.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <format>
#include <set>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

Run a_run(Outcome outcome)
{
    Run run{.invocation_id = "1", .started = Clock::time_point{}, .ended = Clock::time_point{4'200ms}, .outcome = outcome};
    run.repositories.push_back({.repository = "nas", .outcome = outcome});
    Summary &summary = run.repositories.front().summary;
    summary.files_new = 300;
    summary.files_changed = 12;
    summary.total_files_processed = 5210;
    summary.total_bytes_processed = 1'288'490'189;
    summary.data_added = 12'900'000;
    summary.snapshot_id = "1a2b3c4d" + std::string(56, '0');
    return run;
}

std::string value_of(const Fields &fields, const std::string &name)
{
    REQUIRE(std::ranges::count(fields, name, &Fields::value_type::first) == 1);
    return std::ranges::find(fields, name, &Fields::value_type::first)->second;
}

} // namespace

TEST_CASE("a complete backup says in one sentence what a person wants to know")
{
    CHECK(
        result_sentence("home", a_run(Outcome::success)) ==
        "Backup of home complete: 5,210 files (1.2 GiB), 312 new or changed, 12.3 MiB added to nas, in 4.2 s (snapshot 1a2b3c4d)");
    Run skipped = a_run(Outcome::success);
    skipped.repositories.front().summary.snapshot_id.clear();
    CHECK(result_sentence("home", skipped).ends_with("(no new snapshot)"));
    Run two = a_run(Outcome::success);
    two.repositories.push_back(two.repositories.front());
    CHECK(result_sentence("home", two) == "Backup of home complete: in 2 repositories, in 4.2 s");
    two.repositories.front().unchanged_since = Clock::time_point{90min};
    CHECK(result_sentence("home", two) == "Backup of home complete: in 2 repositories, in 4.2 s; nothing has changed in 1 of them");
    two.repositories.pop_back();
    CHECK(result_sentence("home", two) ==
          std::format("Backup of home complete: nothing has changed since the backup of {} to nas, in 4.2 s (snapshot 1a2b3c4d)",
                      time_text(Clock::time_point{90min})));
}

TEST_CASE("only a success is called complete, and all else says why")
{
    for (const Outcome outcome : outcomes) {
        if (outcome == Outcome::success)
            continue;
        Run run = a_run(outcome);
        run.message = "the reason";
        CHECK_FALSE(result_sentence("home", run).contains("complete"));
        CHECK(result_sentence("home", run).contains("the reason"));
    }
    Run run = a_run(Outcome::failed);
    run.repositories.front().message = "wrong password";
    CHECK(result_sentence("home", run) == "Backup of home failed after 4.2 s: wrong password");
    run = a_run(Outcome::partial);
    run.repositories.front().errors = 3;
    run.message = "files are missing";
    CHECK(result_sentence("home", run) ==
          "Backup of home is partial: files are missing (3 files could not be read); snapshot 1a2b3c4d holds the rest");
}

TEST_CASE("a run says what it has removed, and why it has not; to everybody it does not say why")
{
    Run run = a_run(Outcome::success);
    auto &retention = run.repositories.front().retention.emplace(Retention{.kept = 14});
    CHECK(result_sentence("home", run).contains("added to nas, in 4.2 s"));
    CHECK(retention_sentence("home", "nas", retention).empty());
    retention.planned = retention.removed = 2;
    CHECK(result_sentence("home", run).contains("added to nas, 2 old snapshots removed, in 4.2 s (snapshot"));
    CHECK(retention_sentence("home", "nas", retention) == "Removed 2 old snapshots of home from nas; 14 stay");
    CHECK(value_of(result_fields(run), "IGOTCHUU_SNAPSHOTS_REMOVED") == "2");

    retention = {.kept = 14, .planned = 2, .hold = Hold::empty, .why = "/srv/secret is empty"};
    CHECK(result_sentence("home", run).contains("added to nas, old snapshots are held (/srv/secret is empty), in 4.2 s (snapshot"));
    CHECK(public_sentence("home", run).contains("added to nas, old snapshots are held, in 4.2 s (snapshot"));
    CHECK(retention_sentence("home", "nas", retention) == "No old snapshot of home is removed from nas: /srv/secret is empty. 2 "
                                                          "would go; to see which: igotchuu retention home");
    CHECK(value_of(result_fields(run), "IGOTCHUU_HOLD") == "empty");
    run.repositories.push_back(run.repositories.front());
    run.repositories.back().repository = "usb";
    CHECK(result_sentence("home", run)
              .ends_with(
                  "in nas old snapshots are held (/srv/secret is empty); in usb old snapshots are held (/srv/secret is empty)"));
    CHECK_FALSE(public_sentence("home", run).contains("secret"));

    run = a_run(Outcome::success);
    run.repositories.front().retention = {.planned = 2, .removed = 1, .hold = Hold::locked, .why = "it is locked"};
    CHECK(public_sentence("home", run).contains("added to nas, old snapshots go with one of the next runs, in 4.2 s"));
    CHECK(retention_sentence("home", "nas", *run.repositories.front().retention) ==
          "Old snapshots of home in nas go with one of the next runs: it is locked; 1 of 2 were removed");

    run = a_run(Outcome::partial);
    run.repositories.front().retention = {.hold = Hold::failed, .why = "it is locked"};
    run.message = "nas: backed up; old snapshots could not be removed: it is locked";
    CHECK(result_sentence("home", run) == "Backup of home is partial: nas: backed up; old snapshots could not be removed: it is "
                                          "locked; snapshot 1a2b3c4d holds all files");
    CHECK(entry_of(*run.repositories.front().retention).message_id != entry_of(Retention{.hold = Hold::empty}).message_id);
}

TEST_CASE("each outcome has a message id of its own")
{
    std::set<std::string_view> ids;
    for (const Outcome outcome : outcomes)
        CHECK(ids.insert(entry_of(outcome).message_id).second);
}

TEST_CASE("the fields of a run hold each name once, and the run's own outcome")
{
    Run run = a_run(Outcome::success);
    run.outcome = Outcome::failed; // the release failed after a good restic
    run.phases[static_cast<std::size_t>(Phase::mount)] = 1234us;
    run.instants = 1;
    const Fields fields = result_fields(run);
    for (const auto &[name, value] : fields)
        value_of(fields, name);
    CHECK(value_of(fields, "IGOTCHUU_OUTCOME") == "failed");
    CHECK(value_of(fields, "IGOTCHUU_PHASE_MOUNT_USEC") == "1234");
    CHECK(value_of(fields, "IGOTCHUU_DURATION_USEC") == "4200000");
    CHECK(value_of(fields, "IGOTCHUU_DATA_ADDED") == "12900000");
    CHECK(value_of(fields, "IGOTCHUU_SNAPSHOT_ID").size() == 64);
}

TEST_CASE("the status has percentage, bytes and time left, and claims no 100 % too early")
{
    Activity activity{.job = "home", .phase = Phase::restic, .repository = "nas"};
    CHECK(status_text(activity) == "backing up to nas");
    activity.progress =
        Progress{.seconds_remaining = 130, .percent_done = 0.429, .total_bytes = 3'113'851'290, .bytes_done = 1'288'490'189};
    CHECK(status_text(activity) == "backing up to nas: 42 %, 1.2 GiB of 2.9 GiB, 3 min left");
    activity.progress = Progress{.percent_done = 0.9999, .total_bytes = 1024, .bytes_done = 1023};
    CHECK(status_text(activity) == "backing up to nas: 99 %, 1023 B of 1.0 KiB");
    activity.progress = Progress{.percent_done = 17, .total_bytes = 1024, .bytes_done = 1024};
    CHECK(status_text(activity).contains("100 %"));
    activity.progress = Progress{.files_done = 1, .bytes_done = 1024};
    CHECK(status_text(activity) == "backing up to nas: 1.0 KiB, 1 file");
    CHECK(capitalised(status_text(activity)).starts_with("Backing up"));
}
