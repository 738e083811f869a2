// SPDX-License-Identifier: MIT
#include "exec/report/state-file.hpp"
#include "job/days.hpp"
#include "job/error.hpp"
#include "job/newest-runs.hpp"
#include "job/state-files.hpp"
#include "job/state-json.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/stat.h>

#include <fstream>
#include <limits>
#include <regex>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

Run a_run(const std::string &invocation_id)
{
    Run run{.invocation_id = invocation_id,
            .started = Clock::time_point{1'764'000'000'123'456us},
            .ended = Clock::time_point{1'764'000'060'000'001us},
            .outcome = Outcome::partial,
            .message = "one file could not be read",
            .repositories = {{.repository = "nas",
                              .outcome = Outcome::partial,
                              .message = "why",
                              .errors = 1,
                              .summary = {.files_new = 1,
                                          .files_changed = 2,
                                          .files_unmodified = 3,
                                          .dirs_new = 4,
                                          .dirs_changed = 5,
                                          .dirs_unmodified = 6,
                                          .data_blobs = -1,
                                          .tree_blobs = 8,
                                          .data_added = std::numeric_limits<std::uint64_t>::max(),
                                          .total_files_processed = 10,
                                          .total_bytes_processed = 11,
                                          .total_duration = 1.234567,
                                          .snapshot_id = std::string(64, 'a')},
                              .retention = Retention{12, 34, 5, Hold::too_many, "why"},
                              .proof = Proof{Extent::full, Finding::disproved, 6, 7, 8, "why"}}},
            .sources = {{"/home", "0123-4567", 256, "btrfs", true, "/home\xff"}, {"/srv/caf\xe9", ""}},
            .snapshots = 2,
            .read_only_left_out = 3,
            .instants = 1,
            .window = 4321us,
            .hold_window = 5432us,
            .restic_starts = 1};
    run.whole = false;
    for (std::size_t phase = 0; phase < phase_count; ++phase)
        run.phases[phase] = std::chrono::microseconds{phase * 1000 + 1};
    return run;
}

struct Places : LittleRoot {
    StateDirectories where{.activity = path(), .records = path(), .repositories = path(), .kept = path()};
    void put(const std::string &text) const { std::ofstream{path() / "home.json"} << text; }
};

bool same(const Record &a, const Record &b)
{
    return a.job == b.job && a.file == b.file && a.history == b.history && a.last_success == b.last_success &&
           a.proven == b.proven && a.days == b.days;
}

} // namespace

TEST_CASE("a record is read as it was written")
{
    const Places places;
    Record record{
        .job = "home", .file = "/etc/igotchuu/jobs/home.toml", .history = {a_run("2"), a_run("1")}, .last_success = a_run("0")};
    write(places.where, "home", record);
    const auto read = read_record(places.where, "home");
    REQUIRE(read);
    CHECK(same(*read, record));

    record.last_success.reset();
    record.proven = {{"nas", std::string(64, 'b'), Clock::time_point{3us}, Clock::time_point{4us}, Extent::sample, 1, 2, 3},
                     {"caf\xe9", std::string(64, 'c'), Clock::time_point{5us}, Clock::time_point{6us}, Extent::full, 4, 5, 6}};
    record.days = {{.date = std::chrono::sys_days{std::chrono::days{20'000}},
                    .runs = 24,
                    .good = 23,
                    .worst = Outcome::failed,
                    .fresh = Clock::time_point{7us},
                    .longest = 8us,
                    .added = 9,
                    .files = 10,
                    .bytes = 11},
                   {.date = std::chrono::sys_days{std::chrono::days{19'999}}, .worst = Outcome::not_now}};
    CHECK(last_proven(record, "caf\xe9") == &record.proven[1]);
    CHECK(last_proven(record, "usb") == nullptr);
    write(places.where, "home", record);
    CHECK(same(read_record(places.where, "home").value(), record));
}

TEST_CASE("a job is as proven as the worst of the repositories that it has now")
{
    const auto at = [](std::string repository, std::chrono::microseconds time) {
        return LastProven{.repository = std::move(repository), .proven = Clock::time_point{time}};
    };
    const std::vector proven{at("nas", 30us), at("usb", 20us), at("of the job no more", 10us)};
    const auto since = [&](const std::vector<std::string> &repositories) { return proven_everywhere(proven, repositories); };
    CHECK(since({"nas"}) == Clock::time_point{30us});
    CHECK(since({"nas", "usb"}) == Clock::time_point{20us});
    CHECK_FALSE(since({"nas", "usb", "new"}));
    CHECK_FALSE(since({"new"}));
    CHECK(since({}) == Clock::time_point{10us}); // whoever may not read which it has
    CHECK_FALSE(proven_everywhere({}, {}));
    CHECK(proven_in(proven, std::vector<std::string>{"new", "usb"}) == std::vector{proven[1]});
    CHECK(proven_in(proven, {}) == proven);
}

TEST_CASE("the newest runs are read alone, whatever their texts look like")
{
    const Places places;
    Record record{.job = "home", .history = {a_run("3"), a_run("2"), a_run("1")}, .last_success = a_run("0")};
    for (int day = 0; day < 3; ++day)
        note(record.days, {.ended = Clock::time_point{} - std::chrono::days{day}});
    record.history.front().message = R"(a file "]},{\", and "history":[{ or "days":[{ ends badly \)";
    write(places.where, "home", record);
    const auto read = read_newest(places.where, "home");
    REQUIRE(read);
    record.history.resize(1);
    record.days.clear();
    CHECK(same(*read, record));
    write(places.where, "home", record);
    CHECK(same(read_newest(places.where, "home").value(), record));
    record.history.clear();
    write(places.where, "home", record);
    CHECK(same(read_newest(places.where, "home").value(), record));

    for (const auto *const id : {"sent", "put off", "own", "older"})
        record.history.push_back(a_run(id));
    record.history[0].kept_run = "1";
    record.history[1].outcome = Outcome::not_now;
    record.history[2].message = record.history[3].message = R"("kept_run":"1", "outcome":"not-now")";
    write(places.where, "home", record);
    record.history.resize(3);
    CHECK(same(read_newest(places.where, "home").value(), record));
    record.history.resize(2); // there is no other
    write(places.where, "home", record);
    CHECK(same(read_newest(places.where, "home").value(), record));

    const auto text = to_json(Record{.job = "home", .history = {a_run("2"), a_run("1")}, .days = {{.runs = 2}, {.runs = 1}}});
    for (std::size_t size = 0; size + 2 < text.size(); ++size) // its end is a bracket, and a new line
        CHECK_FALSE(record_from_json(with_newest_runs(text.substr(0, size))));
}

TEST_CASE("a record of the time before old snapshots were removed is read, and a hold that nobody knows is none of ours")
{
    Run run = a_run("1");
    run.repositories.front().retention.reset();
    run.repositories.front().proof.reset();
    auto text = to_json(Record{.job = "home", .history = {run}});
    CHECK_FALSE(text.contains("retention"));
    CHECK_FALSE(text.contains("proof"));
    CHECK_FALSE(text.contains("proven"));
    for (const std::string newer : {R"(,"forget":8001)", R"(,"prove":6001)", R"(,"empty":true)", R"(,"whole":false)"})
        if (const auto at = text.find(newer); at != text.npos)
            text.erase(at, newer.size());
    const auto read = record_from_json(text);
    REQUIRE(read);
    CHECK_FALSE(read->history.front().repositories.front().retention);
    CHECK_FALSE(read->history.front().repositories.front().proof);
    CHECK_FALSE(read->history.front().sources.empty());
    CHECK_FALSE(read->history.front().sources.front().empty);
    CHECK_FALSE(read->history.front().whole);

    const std::string known = to_json(Record{.job = "home", .history = {a_run("1")}}), hold = R"("hold":"too-many")";
    REQUIRE(known.contains(hold));
    CHECK_FALSE(record_from_json(std::string{known}.replace(known.find(hold), hold.size(), R"("hold":"whim")")));
}

TEST_CASE("an activity is read as it was written")
{
    const Places places;
    const Progress progress{.seconds_elapsed = 3,
                            .seconds_remaining = 180,
                            .percent_done = 0.425,
                            .total_files = 10,
                            .files_done = 4,
                            .total_bytes = 1000,
                            .bytes_done = 425,
                            .error_count = 1};
    const Activity activity{.job = "home",
                            .file = "",
                            .invocation_id = "0123",
                            .started = Clock::time_point{5us},
                            .phase = Phase::restic,
                            .repository = "nas",
                            .progress = progress,
                            .process = 42};
    write(places.where, "home", activity);
    const auto read = read_activity(places.where, "home").value();
    CHECK(read.job == "home");
    CHECK(read.file.empty());
    CHECK(read.sources == activity.sources);
    CHECK(read.invocation_id == "0123");
    CHECK(read.started == activity.started);
    CHECK(read.phase == Phase::restic);
    CHECK(read.repository == "nas");
    CHECK(read.progress == progress);
    CHECK(read.process == 42);

    remove_activity(places.where, "home");
    remove_activity(places.where, "home");
    CHECK_FALSE(read_activity(places.where, "home"));
}

TEST_CASE("a state file is for root and its group, whatever the umask, and nothing lies beside it")
{
    const Places places;
    const mode_t before = ::umask(0077);
    std::ofstream{places.path() / ".home.json.tmp"} << "of a killed run";
    write(places.where, "home", Record{.job = "home"});
    ::umask(before);
    struct stat status{};
    REQUIRE(::stat((places.path() / "home.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0640);
    CHECK(std::distance(std::filesystem::directory_iterator{places.path()}, {}) == 1);
}

TEST_CASE("a record that was cut off anywhere is as if there were none")
{
    const std::string whole = to_json(Record{.job = "home", .history = {a_run("1")}, .last_success = a_run("1")});
    REQUIRE(record_from_json(whole));
    for (std::size_t size = 0; size + 2 < whole.size(); ++size)
        CHECK_FALSE(record_from_json(std::string_view{whole}.substr(0, size)));
}

TEST_CASE("garbage is as if there were no record")
{
    for (const std::string text :
         {"", "null", "[]", "7", "\"schema\"", "{}", "{\"schema\":1}", "{\"schema\":\"1\",\"job\":\"\",\"file\":\"\"}",
          "{\"schema\":1,\"job\":1,\"file\":\"\"}", "{\"schema\":1,\"job\":\"\",\"file\":\"\",\"history\":[7]}",
          "{\"schema\":1,\"job\":\"\",\"file\":\"\",\"history\":\"x\"}", "\xff\xfe", "{\"schema\":1e400}"})
        CHECK_FALSE(record_from_json(text));
    CHECK_FALSE(record_from_json(std::string(200'000, '[') + std::string(200'000, ']')));
    CHECK_FALSE(record_from_json("{\"schema\":1,\"job\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}"));
}

TEST_CASE("a number that does not fit is garbage, not another number")
{
    const std::string good = to_json(Record{.job = "home", .history = {a_run("1")}});
    const auto with = [&](const std::string &key, const std::string &value) {
        std::string text = good;
        const std::size_t begin = text.find("\"" + key + "\":") + key.size() + 3;
        return text.replace(begin, text.find_first_of(",}", begin) - begin, value);
    };
    CHECK(record_from_json(with("snapshots", "4294967295")));
    for (const std::string value : {"4294967296", "-1", "1e300", "1.5", "\"1\"", "{}"})
        CHECK_FALSE(record_from_json(with("snapshots", value)));
    for (const std::string value : {"9223372036854775807", "-9223372036854775808", "18446744073709551615"})
        CHECK_FALSE(record_from_json(with("started_usec", value)));
    CHECK_FALSE(record_from_json(with("outcome", "\"splendid\"")));
}

TEST_CASE("a newer schema is as if there were no record, a newer field is passed over")
{
    CHECK(record_from_json(R"({"schema":1,"job":"home","file":"","mood":{"good":[true]}})"));
    CHECK_FALSE(record_from_json(R"({"schema":2,"job":"home","file":""})"));
    CHECK_FALSE(record_from_json(R"({"job":"home","file":""})"));
}

TEST_CASE("a record of a version that knew of no mount points is read")
{
    const auto text = to_json(Record{.job = "home", .history = {a_run("1")}});
    const auto of_before = std::regex_replace(text, std::regex{R"(,"mount_point":("[^"]*"|\[[^\]]*\]))"}, "");
    REQUIRE(of_before != text);
    const auto record = record_from_json(of_before);
    REQUIRE(record);
    CHECK(record->history.front().sources.front().source == "/home");
    CHECK(record->history.front().sources.front().mount_point.empty());
}

TEST_CASE("a file of a gigabyte, a link, a FIFO and a directory are as if there were no record")
{
    const Places places;
    places.put("{");
    std::filesystem::resize_file(places.path() / "home.json", 1 << 30);
    CHECK_FALSE(read_record(places.where, "home"));
    write(places.where, "home", Record{.job = "home"});
    CHECK(read_record(places.where, "home"));
    std::ofstream{places.path() / "home.json", std::ios::app}
        << std::string(1 << 20, ' '); // sound JSON, and too large all the same
    CHECK_FALSE(read_record(places.where, "home"));

    std::filesystem::rename(places.path() / "home.json", places.path() / "elsewhere");
    std::filesystem::create_symlink("elsewhere", places.path() / "home.json");
    CHECK_FALSE(read_record(places.where, "home"));
    REQUIRE(::mkfifo((places.path() / "fifo.json").c_str(), 0600) == 0);
    CHECK_FALSE(read_record(places.where, "fifo"));
    std::filesystem::create_directory(places.path() / "directory.json");
    CHECK_FALSE(read_record(places.where, "directory"));
    CHECK_FALSE(read_record(places.where, "nothing"));
}

TEST_CASE("what cannot be read is as if there were none: no backup is given up for it")
{
    const Places places;
    places.put("{}");
    const StateDirectories in_a_file{.activity = places.path() / "home.json", .records = places.path() / "home.json"};
    CHECK_FALSE(read_record(in_a_file, "x"));
    CHECK_FALSE(read_activity(in_a_file, "x"));
}

TEST_CASE("names keep bytes that are not UTF-8, messages lose them, and the file is valid all the same")
{
    const Places places;
    Run run = a_run("1");
    run.message = "\xff\x1b[31m\n";
    const Record record{.job = "caf\xe9", .file = "/etc/igotchuu/jobs/caf\xe9.toml", .history = {run}};
    CHECK(to_json(record).contains("\"job\":[99,97,102,233]"));
    write(places.where, "caf\\xe9", record);
    const auto read = read_record(places.where, "caf\\xe9").value();
    CHECK(read.job == record.job);
    CHECK(read.file == record.file);
    CHECK(read.history.at(0).message == "\xef\xbf\xbd\x1b[31m\n");
    for (const std::string job : {"[256]", "[-1]", "[1.5]", "[\"a\"]", "{}", "1"})
        CHECK_FALSE(record_from_json(R"({"schema":1,"file":"","job":)" + job + "}"));
}

TEST_CASE("the history is bounded by number and by size, and the last success outlives it")
{
    const Places places;
    Record record{.job = "home", .last_success = a_run("old")};
    for (int i = 0; i < 300; ++i)
        record.history.push_back(a_run(std::to_string(i)));
    write(places.where, "home", record);
    auto read = read_record(places.where, "home").value();
    CHECK(read.history.size() == Record::history_max);
    CHECK(read.history.front().invocation_id == "0");
    CHECK(read.last_success == record.last_success);

    for (Run &run : record.history)
        run.message = std::string(20'000, 'x');
    write(places.where, "home", record);
    read = read_record(places.where, "home").value();
    CHECK(read.history.size() < Record::history_max);
    CHECK(read.history.size() > 40);
    CHECK(read.history.front().invocation_id == "0");
    CHECK(read.last_success == record.last_success);
}

TEST_CASE("a month of runs that come to nothing leaves room for those that later ones are compared with")
{
    const Places places;
    Record record;
    for (int i = 0; i < 60; ++i)
        record.history.push_back(a_run("good"));
    for (int i = 0; i < 300; ++i)
        add(record, {.invocation_id = std::to_string(i), .outcome = Outcome::failed});
    write(places.where, "home", record);
    record = read_record(places.where, "home").value();
    CHECK(record.history.size() == Record::history_max);
    CHECK(record.history.front().invocation_id == "299");
    CHECK(record.history.at(49).invocation_id == "250");
    CHECK(record.history.at(50).invocation_id == "good");

    for (int i = 0; i < 100; ++i)
        add(record, {.invocation_id = "killed", .outcome = Outcome::killed});
    write(places.where, "home", record);
    CHECK(read_record(places.where, "home").value().history.back().invocation_id == "killed");
}

TEST_CASE("a kept instant that cannot be sent is one run in the history, however often that is tried")
{
    Record record;
    const auto send = [&](const std::string &kept_run, Outcome outcome, const std::string &snapshot_id = {}) {
        add(record, {.invocation_id = std::to_string(record.history.size()),
                     .outcome = outcome,
                     .kept_run = kept_run,
                     .instant = Clock::time_point{50s},
                     .repositories = {{.repository = "usb", .outcome = outcome, .summary = {.snapshot_id = snapshot_id}}}});
    };
    add(record, a_run("first"));
    for (int i = 0; i < 144; ++i)
        for (const auto &kept_run : {"monday", "tuesday"})
            send(kept_run, i % 2 == 0 ? Outcome::failed : Outcome::stopped);
    CHECK(record.history.size() == 3);
    CHECK(record.history.front().kept_run == "tuesday");
    CHECK(record.history.back().invocation_id == "first");

    send("monday", Outcome::partial, "7");
    send("monday", Outcome::failed);
    send("monday", Outcome::killed);
    send("monday", Outcome::failed);
    CHECK(record.history.size() == 5); // what was stored stays, and what may have been
    add(record, {.invocation_id = "own", .outcome = Outcome::failed});
    add(record, {.invocation_id = "own", .outcome = Outcome::failed});
    CHECK(record.history.size() == 7); // a run of its own is no send
}

TEST_CASE("restic's impossible durations do not break the record")
{
    Run run = a_run("1");
    for (const double seconds : {-9223372036.85, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
        run.repositories[0].summary.total_duration = seconds;
        CHECK(record_from_json(to_json(Record{.job = "home", .history = {run}})));
    }
    CHECK(activity_from_json(
        to_json(Activity{.job = "home", .progress = Progress{.percent_done = std::numeric_limits<double>::infinity()}})));
}

TEST_CASE("no instance leads out of the directory")
{
    const Places places;
    for (const std::string instance : {"", "../x", "a/b", "/etc/x"})
        CHECK_THROWS_AS(write(places.where, instance, Record{}), std::system_error);
}

TEST_CASE("a directory that cannot be written is an error with its path")
{
    const StateDirectories nowhere{.activity = "/nonexistent/a", .records = "/nonexistent/r"};
    try {
        write(nowhere, "home", Record{});
        FAIL("it was written");
    } catch (const std::system_error &error) {
        CHECK(std::string{error.what()}.contains("/nonexistent/r"));
        CHECK(error.code() == std::errc::no_such_file_or_directory);
    }
}

TEST_CASE("of several outcomes the run has the worst, and only success exits with 0")
{
    CHECK(worse(Outcome::success, Outcome::partial) == Outcome::partial);
    CHECK(worse(Outcome::stopped, Outcome::partial) == Outcome::stopped);
    CHECK(worse(Outcome::stopped, Outcome::failed) == Outcome::failed);
    CHECK(worse(Outcome::success, Outcome::success) == Outcome::success);
    CHECK(worse(Outcome::success, Outcome::pending) == Outcome::pending);
    CHECK(worse(Outcome::partial, Outcome::pending) == Outcome::partial);
    for (const Outcome outcome : outcomes)
        CHECK((exit_status(outcome) == ExitStatus::success) == (outcome == Outcome::success));
    CHECK(exit_status(Outcome::success) == ExitStatus::success);
    CHECK(exit_status(Outcome::stopped) == ExitStatus::stopped);
}

TEST_CASE("the record of a repository is read as it was written, and holds a hundred runs")
{
    const Places places;
    const MaintenanceRun run{.invocation_id = "1",
                             .started = Clock::time_point{1s},
                             .ended = Clock::time_point{2s},
                             .outcome = Outcome::failed,
                             .message = "damaged",
                             .bytes_freed = 1 << 30,
                             .part = 3,
                             .parts = 20,
                             .unlocked = true,
                             .restic_starts = 4,
                             .prune = 5us,
                             .check = 6us};
    RepositoryRecord record{.repository = "caf\xe9",
                            .file = "/etc/igotchuu/repositories/caf\xe9.toml",
                            .history = std::vector<MaintenanceRun>(101, run),
                            .last_success = run,
                            .parts_read = {Clock::time_point{}, Clock::time_point{3s}},
                            .next_part = 2,
                            .damaged = true};
    write(places.where, "nas", record);
    const auto read = read_repository_record(places.where, "nas");
    REQUIRE(read);
    CHECK(read->repository == record.repository);
    CHECK(read->file == record.file);
    CHECK(read->history == std::vector<MaintenanceRun>(100, run));
    CHECK(read->last_success == record.last_success);
    CHECK(read->parts_read == record.parts_read);
    CHECK(read->next_part == 2);
    CHECK(read->damaged);
    CHECK_FALSE(read->recovery_key);
    places.put("{\"schema\":1}");
    CHECK_FALSE(read_repository_record(places.where, "home"));
    CHECK_FALSE(read_repository_record(places.where, "nowhere"));
}

TEST_CASE("which key is the recovery key is read back, confirmed or not, and damage in it is as if there were no record")
{
    const Places places;
    for (const std::optional<Clock::time_point> confirmed :
         {std::optional<Clock::time_point>{}, std::optional{Clock::time_point{7s}}}) {
        const RecoveryKey key{.id = std::string(64, 'a'), .made = Clock::time_point{5s}, .confirmed = confirmed};
        write(places.where, "nas", RepositoryRecord{.repository = "nas", .recovery_key = key});
        const auto read = read_repository_record(places.where, "nas");
        REQUIRE(read);
        CHECK(read->recovery_key == key);
    }
    CHECK(repository_record_from_json(R"({"schema":1,"repository":"nas","file":""})"));
    CHECK_FALSE(repository_record_from_json(R"({"schema":1,"repository":"nas","file":"","recovery_key":7})"));
    CHECK_FALSE(
        repository_record_from_json(R"({"schema":1,"repository":"nas","file":"","recovery_key":{"id":"a","made_usec":"x"}})"));
}

TEST_CASE("a run that is pending is a success when one repository has got it, and else is tried again")
{
    Run run{.outcome = Outcome::pending, .repositories = {{.repository = "usb", .outcome = Outcome::pending}}};
    CHECK_FALSE(succeeded(run));
    CHECK(exit_status(run) == ExitStatus::not_now);
    run.repositories.push_back({.repository = "nas", .outcome = Outcome::success});
    CHECK(succeeded(run));
    CHECK(exit_status(run) == ExitStatus::success);
    run.outcome = Outcome::failed;
    CHECK_FALSE(succeeded(run));
}

TEST_CASE("only who got all of a backup is up to date, and only as long as nothing else comes of a run")
{
    const auto ended = [](Outcome outcome, const std::string &basis, std::vector<RepositoryResult> results) {
        return Run{.invocation_id = "1",
                   .outcome = outcome,
                   .instant = Clock::time_point{50s},
                   .repositories = std::move(results),
                   .basis = basis};
    };
    const RepositoryResult got_it{.repository = "nas", .outcome = Outcome::success, .summary = {.snapshot_id = "7"}},
        failed{.repository = "usb", .outcome = Outcome::failed};
    Record record;
    const auto names = [&] {
        std::string all;
        for (const auto &one : record.up_to_date)
            all += one.repository + ' ';
        return all + record.basis;
    };
    add(record, ended(Outcome::failed, "basis", {got_it, failed}));
    CHECK(names() == "nas basis");
    CHECK(record.up_to_date.front().since == Clock::time_point{50s});
    CHECK(record.up_to_date.front().summary.snapshot_id == "7");

    auto unchanged = got_it;
    unchanged.unchanged_since = Clock::time_point{40s};
    add(record, ended(Outcome::success, "basis", {unchanged}));
    CHECK(record.up_to_date.front().since == Clock::time_point{40s});
    CHECK(record.history.size() == 2);
    add(record, ended(Outcome::success, "basis", {unchanged}));
    CHECK(record.history.size() == 2); // one for all that had nothing to do

    const auto before = record;
    for (const auto outcome : {Outcome::not_now, Outcome::success}) { // it came to nothing, or sent what was kept
        auto other = ended(outcome, "", {});
        other.kept_run = outcome == Outcome::success ? "0" : "";
        record = before;
        add(record, other);
        CHECK(names() == "nas basis");
    }
    for (const auto outcome : {Outcome::killed, Outcome::stopped, Outcome::failed, Outcome::bad_configuration}) {
        record = before;
        add(record, ended(outcome, "", {}));
        CHECK(names().empty());
    }
    auto held = got_it, without_snapshot = got_it;
    held.retention = Retention{.hold = Hold::shrunk};
    without_snapshot.summary.snapshot_id.clear(); // as of restic's --dry-run
    for (const auto &other : {held, without_snapshot}) {
        record = before;
        add(record, ended(Outcome::success, "basis", {other}));
        CHECK(record.up_to_date.empty());
    }
    record = before;
    auto partial = got_it;
    partial.outcome = Outcome::partial;
    add(record, ended(Outcome::partial, "basis", {partial}));
    CHECK(record.up_to_date.empty());

    const Places places;
    write(places.where, "home", before);
    const auto read = read_record(places.where, "home");
    REQUIRE(read);
    CHECK(read->up_to_date == before.up_to_date);
    CHECK(read->basis == before.basis);
    CHECK(read->history.front().repositories == before.history.front().repositories);
}

TEST_CASE("an instant that is sent late makes no backup fresher than it was")
{
    Record record;
    Run run{
        .invocation_id = "1", .started = Clock::time_point{100s}, .ended = Clock::time_point{110s}, .outcome = Outcome::success};
    add(record, run);
    const Run late{.invocation_id = "2",
                   .started = Clock::time_point{200s},
                   .ended = Clock::time_point{210s},
                   .outcome = Outcome::success,
                   .kept_run = "0",
                   .instant = Clock::time_point{50s}};
    add(record, late);
    CHECK(record.last_success->invocation_id == "1");
    CHECK(record.history.front() == late);
    record.last_success.reset();
    add(record, late);
    CHECK(record.last_success->invocation_id == "2");
    CHECK(fresh_as_of(*record.last_success) == late.instant);
}

TEST_CASE("a job waits for its own run, whatever comes of a kept instant meanwhile")
{
    Record record;
    const auto ends = [&](Outcome outcome, std::chrono::seconds when, const std::string &kept_run = {}) {
        add(record,
            {.started = Clock::time_point{when}, .ended = Clock::time_point{when}, .outcome = outcome, .kept_run = kept_run});
    };
    ends(Outcome::not_now, 1s, "0");
    CHECK_FALSE(record.waits_since);
    ends(Outcome::not_now, 10s);
    for (const auto outcome : {Outcome::success, Outcome::failed, Outcome::not_now}) {
        ends(outcome, 20s, "0");
        CHECK(record.waits_since == Clock::time_point{10s});
    }
    ends(Outcome::failed, 30s);
    CHECK_FALSE(record.waits_since);
}

TEST_CASE("a job that was put off while the clock was ahead waits no longer for that")
{
    Record record;
    const auto is_put_off = [&](Clock::duration when) {
        add(record, {.started = Clock::time_point{when}, .ended = Clock::time_point{when}, .outcome = Outcome::not_now});
        return record.waits_since->time_since_epoch();
    };
    CHECK(is_put_off(500'000min) == 500'000min);
    CHECK(is_put_off(1000min) == 1000min);
    CHECK(is_put_off(990min) == 1000min);
    CHECK(is_put_off(2000min) == 1000min);
}

TEST_CASE("a success while the clock was ahead is the last one no longer than until the next")
{
    Record record;
    const auto succeeds = [&](const std::string &id, std::chrono::minutes when) {
        add(record, {.invocation_id = id,
                     .started = Clock::time_point{when},
                     .ended = Clock::time_point{when} + 1s,
                     .outcome = Outcome::success});
        return record.last_success->invocation_id;
    };
    CHECK(succeeds("of a year that has not come", 500'000min) == "of a year that has not come");
    CHECK(succeeds("now", 1000min) == "now");
    CHECK(succeeds("set back a little", 990min) == "now");
}

TEST_CASE("kept instants are read as they were written, and none leave no file")
{
    const Places places;
    CHECK(read_kept(places.where, "home") == Kept{});
    CHECK(instances_with_kept(places.where).empty());
    const Kept kept{
        .job = "caf\xe9",
        .file = "/etc/igotchuu/jobs/caf\xe9.toml",
        .instants = {{.run = "0123456789abcdef0123456789abcdef",
                      .instant = Clock::time_point{5s},
                      .kept = Clock::time_point{6s},
                      .sources = {{.source = "/home/\xff", .file_system = "uuid", .subvolume = 256, .method = "btrfs"}},
                      .trees = {{.source = "/home/\xff", .below = "n\xff", .method = "btrfs", .place = "uuid 0/snapshot"}},
                      .left_out = {"/home/.igotchuu"},
                      .missing = {"the source /srv is not there"},
                      .repositories = {{.repository = "usb\xff", .since = Clock::time_point{4s}, .why = "is its disk mounted?"},
                                       {.repository = "nas",
                                        .since = Clock::time_point{4s},
                                        .why = "restic cannot read the backup",
                                        .disproved = Clock::time_point{7s}}}}}};
    write(places.where, "home", kept);
    CHECK(read_kept(places.where, "home") == kept);
    CHECK(instances_with_kept(places.where) == std::vector<std::string>{"home"});
    write(places.where, "home", Kept{.job = "home"});
    CHECK(instances_with_kept(places.where).empty());
    write(places.where, "home", Kept{.job = "home"}); // nobody minds that there is none
}

TEST_CASE("where a kept instant was disproved it is not sent again for a day, whatever the clock does")
{
    const auto sent = Clock::time_point{1'764'000'000s};
    const Wanting one{.repository = "usb", .disproved = sent};
    CHECK(put_off_until(one, sent) == sent + 24h);
    CHECK(put_off_until(one, sent + 24h - 1s) == sent + 24h);
    CHECK_FALSE(put_off_until(one, sent + 24h));
    CHECK_FALSE(put_off_until(one, sent - 1h)); // it was ahead
    CHECK_FALSE(put_off_until({.repository = "usb"}, sent));
}

TEST_CASE("a list of kept instants that cannot be understood is never taken for none")
{
    const Places places;
    for (const std::string text : {"", "garbage", "{\"schema\":2,\"job\":\"home\",\"instants\":[]}", "{\"schema\":1}"}) {
        std::ofstream{places.where.kept / "home.json"} << text;
        CHECK_THROWS_AS(read_kept(places.where, "home"), Failure);
    }
}

TEST_CASE("what came last of the rules is of the last run, and where that did not get so far, of the last success")
{
    const auto in = [](const std::string &repository, Hold hold) {
        return RepositoryResult{.repository = repository, .retention = Retention{.hold = hold}};
    };
    Record record;
    CHECK(last_retentions(record).empty());
    record.last_success = Run{.repositories = {in("nas", Hold::shrunk), in("usb", Hold::none), {.repository = "tape"}}};
    record.history = {{.outcome = Outcome::failed, .repositories = {{.repository = "nas"}, in("usb", Hold::failed)}}};
    CHECK(last_retentions(record) == std::vector{in("usb", Hold::failed), in("nas", Hold::shrunk)});
}

TEST_CASE("each run is one of its day for a year, also those that the history has no more")
{
    using std::chrono::days;
    const Clock::time_point noon = end_of(date_of(Clock::time_point{1'764'000'000s})) - 12h;
    const RepositoryResult unchanged{.outcome = Outcome::success,
                                     .summary = {.data_added = 500, .total_files_processed = 7, .total_bytes_processed = 70},
                                     .unchanged_since = noon - days{1}};
    auto changed = unchanged;
    changed.unchanged_since.reset();
    const auto ended = [&](Clock::time_point when, Outcome outcome, std::vector<RepositoryResult> results) {
        return Run{.started = when - 5s, .ended = when, .outcome = outcome, .repositories = std::move(results)};
    };
    Record record;
    for (int day = 450; day > 0; --day)
        add(record, ended(noon - days{day}, Outcome::success, {unchanged}));
    CHECK(record.history.size() == 1);
    REQUIRE(record.days.size() == Record::days_max);
    CHECK(record.days.front().date == date_of(noon) - days{1});
    CHECK(record.days.back().date == date_of(noon) - days{Record::days_max});
    CHECK(record.days.back().added == 0); // it is what the backup of before added

    add(record, ended(noon - 2h, Outcome::not_now, {}));
    CHECK(record.days.front() == Day{.date = date_of(noon), .worst = Outcome::not_now});
    add(record, ended(noon - 1h, Outcome::success, {changed, changed}));
    CHECK(record.days.front() == Day{.date = date_of(noon),
                                     .runs = 1,
                                     .good = 1,
                                     .worst = Outcome::success,
                                     .fresh = noon - 1h,
                                     .longest = 5s,
                                     .added = 1000,
                                     .files = 7,
                                     .bytes = 70});
    add(record, ended(noon, Outcome::failed, {}));
    add(record, ended(noon + 1h, Outcome::not_now, {}));
    CHECK(record.days.front().worst == Outcome::failed);
    CHECK(record.days.front().fresh == noon - 1h);
    CHECK(record.days.front().runs == 2);
    CHECK(record.days.front().files == 7);

    record.days.clear(); // as a version that had none wrote it
    REQUIRE(days_of(record).size() == 2);
    CHECK(days_of(record).front().runs == 2);

    Record bounded{
        .job = "home",
        .days = std::vector<Day>(Record::days_max, record_from_json(to_json(Record{.days = days_of(record)}))->days.front())};
    CHECK(to_json(bounded).size() < 80'000);
}

TEST_CASE("a day ends where the next one begins, whatever the clocks do in between")
{
    const std::string before = std::getenv("TZ") ? std::getenv("TZ") : "";
    for (const char *const zone : {"UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<+14>-14"}) {
        INFO(zone);
        setenv("TZ", zone, 1);
        tzset();
        for (std::chrono::sys_days date{std::chrono::year{2025} / 1 / 1}; date.time_since_epoch() < std::chrono::days{20'500};
             date += std::chrono::days{1}) {
            CHECK(date_of(end_of(date)) == date + std::chrono::days{1});
            CHECK(date_of(end_of(date) - 1s) == date);
        }
    }
    before.empty() ? unsetenv("TZ") : setenv("TZ", before.c_str(), 1);
    tzset();
    CHECK(date_text(std::chrono::sys_days{std::chrono::year{2025} / 3 / 1}) == "2025-03-01");
}
