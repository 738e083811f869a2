// SPDX-License-Identifier: MIT
#include "exec/metrics.hpp"
#include "job/state-files.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

Record a_record()
{
    Run run;
    run.started = Clock::time_point{1'764'000'000s};
    run.ended = Clock::time_point{1'764'000'001'500ms};
    run.outcome = Outcome::partial;
    run.message = "/home/alice/canary could not be read";
    run.repositories = {{.repository = "nas",
                         .outcome = Outcome::partial,
                         .message = "canary",
                         .errors = 1,
                         .summary = {.data_added = 5'000'000'000, .total_files_processed = 10, .total_bytes_processed = 11}}};
    return {
        .job = "TV \"Shows\"\\", .file = "/etc/igotchuu/jobs/canary.toml", .history = {run}, .last_success = {}, .waits_since = {}};
}

RepositoryRecord a_repository()
{
    RepositoryRecord record{.repository = "nas", .file = "/etc/igotchuu/repositories/canary.toml"};
    record.history = {{.ended = Clock::time_point{1'764'000'001s}, .outcome = Outcome::failed, .message = "canary"}};
    record.damaged = true;
    record.recovery_key.emplace();
    return record;
}

} // namespace

TEST_CASE("a repository that is damaged, that nobody has a recovery key of, or of which nothing may go, is in the metrics")
{
    auto record = a_record();
    record.history.front().repositories.front().retention = Retention{.hold = Hold::shrunk, .why = "canary"};
    const auto text = metrics_of(std::vector{record}, std::vector{a_repository()});
    for (const std::string_view line : {
             R"(igotchuu_retention_held{backup="TV \"Shows\"\\",repository="nas"} 1)",
             R"(igotchuu_maintenance_last_run_timestamp_seconds{repository="nas"} 1764000001)",
             R"(igotchuu_maintenance_last_run_outcome{repository="nas",outcome="failed"} 1)",
             R"(igotchuu_repository_damaged{repository="nas"} 1)",
             R"(igotchuu_repository_recovery_key_confirmed{repository="nas"} 0)",
         }) {
        INFO(line);
        CHECK(text.contains(std::string{line} + '\n'));
    }
    record.history.front().repositories.front().retention->hold = Hold::locked; // what is put off goes by itself
    CHECK(metrics_of(std::vector{record}, {}).contains(R"(repository="nas"} 0)"));
    CHECK_FALSE(text.contains("canary"));
    CHECK_FALSE(text.contains("igotchuu_maintenance_last_success_timestamp_seconds{"));
}

TEST_CASE("what came of a run is in the metrics, and no name of a file is")
{
    const auto text = metrics_of(std::vector{a_record()}, {});
    for (const std::string_view line : {
             R"(igotchuu_last_run_timestamp_seconds{backup="TV \"Shows\"\\"} 1764000001.5)",
             R"(igotchuu_last_run_duration_seconds{backup="TV \"Shows\"\\"} 1.5)",
             R"(igotchuu_last_run_outcome{backup="TV \"Shows\"\\",outcome="partial"} 1)",
             R"(igotchuu_last_run_outcome{backup="TV \"Shows\"\\",outcome="success"} 0)",
             R"(igotchuu_repository_last_run_outcome{backup="TV \"Shows\"\\",repository="nas",outcome="partial"} 1)",
             R"(igotchuu_repository_added_bytes{backup="TV \"Shows\"\\",repository="nas"} 5000000000)",
             R"(igotchuu_repository_unreadable_files{backup="TV \"Shows\"\\",repository="nas"} 1)",
         }) {
        INFO(line);
        CHECK(text.contains(std::string{line} + '\n'));
    }
    CHECK_FALSE(text.contains("canary"));
    CHECK_FALSE(text.contains("igotchuu_last_success_timestamp_seconds{"));
    CHECK(text.ends_with('\n'));
}

TEST_CASE("when a backup was proven is in the metrics, how far that went, and how many files were compared")
{
    auto record = a_record();
    record.job = "d";
    const Clock::time_point instant{1'764'000'000s}, proven{1'764'000'060s};
    record.proven = {{"nas", "1", instant, proven, Extent::full, 5'210, 1'000, 20},
                     {"usb", "2", instant, proven, Extent::sample, 0, 0, 19}};
    const auto text = metrics_of(std::vector{record}, {});
    for (const std::string_view line : {
             R"(igotchuu_repository_proven_timestamp_seconds{backup="d",repository="nas"} 1764000060)",
             R"(igotchuu_repository_proven_instant_timestamp_seconds{backup="d",repository="nas"} 1764000000)",
             R"(igotchuu_repository_proven_files{backup="d",repository="nas",extent="full"} 5210)",
             R"(igotchuu_repository_proven_files{backup="d",repository="usb",extent="sample"} 19)",
         }) {
        INFO(line);
        CHECK(text.contains(std::string{line} + '\n'));
    }
}

TEST_CASE("neither a kept instant that was sent nor a run that was put off hides what came of the job's own last run")
{
    const auto run_of = [](std::string kept_run, Outcome outcome, std::vector<RepositoryResult> repositories) {
        return Run{.outcome = outcome, .kept_run = std::move(kept_run), .repositories = std::move(repositories)};
    };
    const RepositoryResult pruned{.repository = "nas", .outcome = Outcome::success, .retention = Retention{}},
        unpruned{.repository = "nas", .outcome = Outcome::partial, .retention = Retention{.hold = Hold::failed}},
        absent{.repository = "usb", .outcome = Outcome::pending}, sent{.repository = "usb", .outcome = Outcome::success},
        removed{.repository = "of the job no more", .outcome = Outcome::success};
    Record record{.job = "d",
                  .history = {run_of("0", Outcome::success, {sent}), run_of("", Outcome::partial, {unpruned, absent}),
                              run_of("", Outcome::success, {pruned, removed})}};
    record.last_success = record.history.back();
    const auto tells_of_each = [&] {
        const auto text = metrics_of(std::vector{record}, {});
        CHECK(text.contains(R"(igotchuu_repository_last_run_outcome{backup="d",repository="nas",outcome="partial"} 1)"));
        CHECK(text.contains(R"(igotchuu_repository_last_run_outcome{backup="d",repository="usb",outcome="success"} 1)"));
        CHECK(text.contains(R"(igotchuu_retention_held{backup="d",repository="nas"} 1)"));
        CHECK_FALSE(text.contains("no more"));
        return text;
    };
    CHECK(tells_of_each().contains(R"(igotchuu_last_run_outcome{backup="d",outcome="partial"} 1)"));
    record.history.insert(record.history.begin(), run_of("", Outcome::not_now, {}));
    CHECK(tells_of_each().contains(R"(igotchuu_last_run_outcome{backup="d",outcome="partial"} 1)"));
    CHECK(last_own_run(record) == &record.history.front());
    CHECK(last_that_ran(record) == &record.history[2]);
    record.history.resize(2); // the own one has left it
    for (const auto *const last : {last_own_run(record), last_that_ran(record)})
        CHECK(last == &record.history.front());
    CHECK(metrics_of(std::vector{record}, {}).contains(R"(igotchuu_last_run_outcome{backup="d",outcome="not-now"} 1)"));
    record.history.erase(record.history.begin());
    for (const auto *const last : {last_own_run(record), last_that_ran(record)})
        CHECK(last == &record.history.front());
    CHECK(last_own_run({}) == nullptr);
    CHECK(last_that_ran({}) == nullptr);
}

TEST_CASE("every family has its help once, before its samples")
{
    auto other = a_record();
    other.job = "home";
    other.last_success = other.history.front();
    std::istringstream lines{metrics_of(std::vector{a_record(), other}, std::vector{a_repository()})};
    std::string family;
    std::vector<std::string> seen;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            CHECK(std::ranges::find(seen, family) == seen.end());
            seen.push_back(family);
        } else if (!line.starts_with('#')) {
            CHECK(line.starts_with(family + '{'));
        }
    }
    CHECK(seen.size() == 19);
}

TEST_CASE("the file has the records of all jobs, and what is no record is left alone")
{
    const LittleRoot root;
    const StateDirectories where{.activity = root.path(), .records = root.path(), .repositories = root.path() / "none"};
    write(where, "home", a_record());
    root.write("/garbage.json", "{");
    root.write("/metrics.prom", "old");
    write_metrics(root.path() / "metrics.prom", where);
    std::ifstream file{root.path() / "metrics.prom"};
    const std::string text = (std::stringstream{} << file.rdbuf()).str();
    CHECK(text == metrics_of(std::vector{a_record()}, {}));
    struct stat status{};
    REQUIRE(stat((root.path() / "metrics.prom").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0644);
}
