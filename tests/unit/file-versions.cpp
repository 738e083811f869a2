// SPDX-License-Identifier: MIT
#include "cli/retrieve/file-versions.hpp"
#include "cli/retrieve/path-words.hpp"
#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <ctime>
#include <filesystem>

using namespace igotchuu;
using namespace std::chrono;

namespace
{

StoredSnapshot snapshot(const std::string &repository, int day)
{
    return {.repository = repository,
            .id = repository + std::to_string(day),
            .host = {},
            .job = {},
            .time = sys_days{2026y / 11 / day},
            .paths = {}};
}

FileVersion state(std::uint64_t size, const std::string &modified, std::vector<StoredSnapshot> snapshots)
{
    StoredFile file{.path = "/a", .type = "file", .owner = {}, .group = {}, .size = size, .modified = modified, .target = {}};
    return {std::move(file), {modified}, std::move(snapshots)};
}

std::string said(const std::vector<FileVersion> &versions)
{
    std::string text;
    for (const auto &version : versions) {
        text += std::to_string(version.file.size) + ':';
        for (const auto &one : version.snapshots)
            text += ' ' + one.id;
        text += '\n';
    }
    return text;
}

nlohmann::json message(const char *repository, nlohmann::json in)
{
    return {{"repository", repository}, {"in", std::move(in)}};
}

} // namespace

TEST_CASE("what several repositories have of a file is one version, the newest first")
{
    const auto versions =
        versions_of({state(5, "b", {snapshot("near", 4), snapshot("near", 3)}), state(4, "a", {snapshot("near", 2)}),
                     state(4, "a", {snapshot("far", 2), snapshot("far", 1)}), state(5, "b", {snapshot("far", 4)})});
    CHECK(said(versions) == "5: near4 far4 near3\n4: near2 far2 far1\n");
    CHECK(count_instants(versions[0].snapshots) == 2);
}

TEST_CASE("what one repository tells apart stays apart, though size and time are the same")
{
    const auto versions = versions_of({state(4, "a", {snapshot("near", 3)}), state(4, "a", {snapshot("near", 2)}),
                                       state(4, "a", {snapshot("far", 2)}), state(4, "a", {snapshot("far", 3)})});
    CHECK(said(versions) == "4: near3 far3\n4: near2 far2\n"); // each with what is of its instant
    CHECK(versions_of({state(4, "a", {snapshot("near", 1)}), state(4, "b", {snapshot("far", 1)})}).size() == 2);
    CHECK(versions_of({}).empty());
}

TEST_CASE("snapshots are told of by their numbers, and a wrong number is a named error")
{
    StoredSnapshots all;
    for (const auto *const id : {"c", "b", "a"})
        all.add({{"repository", "near"},
                 {"id", id},
                 {"host", ""},
                 {"tags", nlohmann::json::array()},
                 {"time", "2026-11-25T03:00:00Z"},
                 {"paths", nlohmann::json::array()},
                 {"files", 1},
                 {"bytes", 1}});
    CHECK(all.size() == 3);
    CHECK(all.in(message("near", {{0, 0}, {2, 2}})).at(1).id == "a");
    CHECK_THROWS_AS(all.in(message("near", {{2, 3}})), Failure);
    CHECK_THROWS_AS(all.in(message("far", {{0, 0}})), Failure);
    CHECK_THROWS_AS(all.in(message("near", nlohmann::json::array())), Failure);
    CHECK_THROWS_AS(all.in(message("near", "all")), Failure);
}

TEST_CASE("a snapshot of another machine says so, and one of this machine says nothing of that")
{
    setenv("TZ", "UTC", 1);
    tzset();
    auto one = snapshot("near", 4);
    one.id = "0123456789abcdef";
    one.host = "laptop";
    CHECK(snapshot_text(one, "laptop") == "01234567 of 2026-11-04 00:00:00");
    CHECK_FALSE(are_from_elsewhere(std::vector{one}, "laptop"));
    one.host = "lap\x1btop";
    CHECK(snapshot_text(one, "laptop") == "01234567 of 2026-11-04 00:00:00 on lap\\x1btop");
    CHECK(are_from_elsewhere(std::vector{one}, "laptop"));
}

TEST_CASE("a stored file is shown as ls -l shows it, and never raw")
{
    setenv("TZ", "UTC", 1);
    tzset();
    CHECK(mode_text("file", 04755) == "-rwsr-xr-x");
    CHECK(mode_text("file", 06644) == "-rwSr-Sr--");
    CHECK(mode_text("dir", 01777) == "drwxrwxrwt");
    CHECK(mode_text("symlink", 0777) == "lrwxrwxrwx");
    CHECK(mode_text("fifo", 0600) == "prw-------");
    CHECK(mode_text("something", 0) == "?---------");
    CHECK(modified_text("2026-11-25T03:00:07.123456789+01:00") == "2026-11-25 02:00:07");
    CHECK(modified_text("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00");
    CHECK(modified_text("2500-01-01T00:00:00Z") == "2500-01-01T00:00:00");
    CHECK(modified_text("2026-\x1b[2J") == "2026-\\x1b[2J");
    const StoredFile link{.path = "/a",
                          .type = "symlink",
                          .mode = 0777,
                          .owner = "al\x1b",
                          .group = "1",
                          .modified = "2026-11-25T03:00:07Z",
                          .target = "\n"};
    CHECK(long_line(link, "a\tb") == "lrwxrwxrwx al\\x1b   1                   - 2026-11-25 03:00:07 a\\x09b -> \\x0a");
}

TEST_CASE("a path that is typed is the one that a backup has")
{
    CHECK(stored_path("/srv//home/./alice/../bob/") == "/srv/home/bob");
    CHECK(stored_path("/") == "/");
    CHECK(stored_path("//") == "/");
    CHECK(stored_path("a") == std::filesystem::current_path().native() + "/a");
    CHECK(is_path("/srv"));
    CHECK(is_path("../a"));
    CHECK_FALSE(is_path("home"));
    CHECK_FALSE(is_path(".hidden"));
}
