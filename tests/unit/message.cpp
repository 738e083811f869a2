// SPDX-License-Identifier: MIT
#include "exec/restic/message.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using namespace igotchuu::restic;

namespace
{

const std::string id(64, 'a');

template <typename Kind>
Kind parsed(std::string_view line)
{
    const auto message = parse(line);
    REQUIRE(std::holds_alternative<Kind>(message));
    return std::get<Kind>(message);
}

} // namespace

TEST_CASE("a status line of each version is understood")
{
    CHECK(parsed<Progress>(R"({"message_type":"status","percent_done":0})") == Progress{});
    CHECK(parsed<Progress>(
              R"({"message_type":"status","seconds_elapsed":4,"seconds_remaining":9,"percent_done":0.25,"total_files":8,)"
              R"("files_done":2,"total_bytes":100,"bytes_done":25,"error_count":1,"current_files":["/home/a","/home/b\n"]})") ==
          Progress{4, 9, 0.25, 8, 2, 100, 25, 1});
}

TEST_CASE("a summary of restic 0.18 is understood")
{
    const auto summary = parsed<Summary>(
        R"({"message_type":"summary","files_new":3,"files_changed":1,"files_unmodified":2,"dirs_new":4,"dirs_changed":5,"dirs_unmodified":6,)"
        R"("data_blobs":7,"tree_blobs":8,"data_added":2383,"data_added_packed":1809,"total_files_processed":6,"total_bytes_processed":60,)"
        R"("total_duration":0.5,"backup_start":"2026-11-25T13:19:34.046Z","backup_end":"2026-11-25T13:19:34.679Z","snapshot_id":")" +
        id + R"("})");
    CHECK(summary == Summary{3, 1, 2, 4, 5, 6, 7, 8, 2383, 6, 60, 0.5, id});
}

TEST_CASE("a skipped run's summary has no snapshot and no negative duration")
{
    const auto summary =
        parsed<Summary>(R"({"message_type":"summary","total_duration":-9223372036.85,"backup_end":"0001-01-01T00:00:00Z"})");
    CHECK(summary == Summary{});
}

TEST_CASE("a snapshot id that could be a path is none")
{
    for (const auto *bad : {"../../etc/passwd", "ababf655", "", "AAAA"})
        CHECK(parsed<Summary>(std::string{R"({"message_type":"summary","snapshot_id":")"} + bad + R"("})").snapshot_id.empty());
    CHECK(parsed<Summary>(R"({"message_type":"summary","snapshot_id":")" + id + R"(/"})").snapshot_id.empty());
}

TEST_CASE("the snapshot of a dry run is none")
{
    CHECK(parsed<Summary>(R"({"message_type":"summary","dry_run":true,"files_new":1,"snapshot_id":")" + id + R"("})")
              .snapshot_id.empty());
    CHECK(
        parsed<Summary>(R"({"message_type":"summary","dry_run":false,"files_new":1,"snapshot_id":")" + id + R"("})").snapshot_id ==
        id);
}

TEST_CASE("an error of each version is understood")
{
    const std::string start = R"({"message_type":"error","error":)", end = R"(,"during":"archival","item":"/x"})";
    CHECK(parsed<FileError>(start + R"({"message":"open /x: permission denied"})" + end) ==
          FileError{"/x", "open /x: permission denied"});
    CHECK(parsed<FileError>(start + R"({"Op":"open","Path":"/x","Err":13})" + end) ==
          FileError{"/x", "open /x: Permission denied"});
    CHECK(parsed<FileError>(start + R"({"Op":"open","Path":"/x","Err":99999})" + end) ==
          FileError{"/x", "open /x: unknown error 99999"});
    for (const auto *nothing : {"{}", "null", "7", "[]"})
        CHECK(parsed<FileError>(start + nothing + end) == FileError{"/x", "restic did not say why"});
    CHECK(parsed<FileError>(R"({"message_type":"error","error":{"message":"no"},"during":"scan","item":"/x"})").while_scanning);
    CHECK(
        parsed<ExitError>(R"({"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"})").message ==
        "Fatal: wrong password or no key found");
}

TEST_CASE("what is no message of restic is text")
{
    for (const std::string_view line :
         {"", "   ", "null", "[]", "7", "\"x\"", "signal interrupt received, cleaning up", "{", "{}", "{\"a\":1}",
          R"({"message_type":"summary","snapshot_)", R"({"message_type":7})", R"([{"message_type":"status"}])",
          "{\"message_type\":\"status\",\"x\":\"\xe9\"}", R"({"message_type":"status"} trailing)"})
        CHECK(std::holds_alternative<Text>(parse(line)));
    CHECK(std::holds_alternative<Text>(parse(std::string("{\"message_type\":\"status\0\"}", 26))));
}

TEST_CASE("a message of a kind that nobody knows yet is passed over")
{
    parsed<OtherMessage>(R"({"message_type":"verbose_status","action":"new","item":"/x"})");
    parsed<OtherMessage>(R"({"message_type":"from_the_future"})");
    parsed<OtherMessage>(
        R"({"message_type":"status","action":"scan_finished","item":"","duration":0.1,"data_size":6,"total_files":3})");
}

TEST_CASE("a field of another type is as if it were absent")
{
    CHECK(parsed<Progress>(R"({"message_type":"status","percent_done":"half","total_files":-3,"files_done":1.5,"total_bytes":null,)"
                           R"("bytes_done":[1],"error_count":{"a":1},"seconds_elapsed":true})") == Progress{});
    CHECK(parsed<Progress>(R"({"message_type":"status","percent_done":7})").percent_done == 1);
    CHECK(parsed<Summary>(R"({"message_type":"summary","data_blobs":18446744073709551615})").data_blobs ==
          std::numeric_limits<std::int64_t>::max());
    CHECK(parsed<Summary>(R"({"message_type":"summary","snapshot_id":7,"files_new":1})").files_new == 1);
}

TEST_CASE("a line that is nested 100,000 deep neither overflows the stack nor hides what stands beside it")
{
    const std::string arrays(100'000, '['), closed(100'000, ']');
    CHECK(std::holds_alternative<Text>(parse("{\"message_type\":\"status\",\"x\":" + arrays)));
    CHECK(parsed<Progress>("{\"message_type\":\"status\",\"x\":" + arrays + closed + ",\"total_files\":3}").total_files == 3);
    std::string objects;
    for (int i = 0; i < 100'000; ++i)
        objects += "{\"a\":";
    CHECK(std::holds_alternative<Text>(parse(objects)));
}

TEST_CASE("what a restore says of a file, and what a list says of it, is understood; all else is no such word")
{
    CHECK(parse_item(R"({"message_type":"verbose_status","action":"unchanged","item":"/srv/a","size":7})") ==
          Item{"unchanged", "/srv/a", 7});
    CHECK(parse_item(R"({"message_type":"verbose_status","action":"modified","item":"/srv/","duration":0.1})") ==
          Item{"modified", "/srv/", 0});
    CHECK(parse_item("{\"message_type\":\"verbose_status\",\"action\":\"unchanged\",\"item\":\"/caf\\ufffd\"}")->path ==
          "/caf\xef\xbf\xbd");
    CHECK(parse_node(R"({"name":"a","type":"file","path":"/srv/a","size":9,"struct_type":"node"})") ==
          ListedNode{"file", "/srv/a", 9});
    for (const std::string_view line :
         {"", "null", "[]", "{", R"({"message_type":"status","action":"unchanged","item":"/a"})",
          R"({"message_type":"verbose_status","action":"scan_finished","item":""})", R"({"struct_type":"snapshot","path":"/a"})",
          R"({"message_type":"verbose_status","item":7})"}) {
        CHECK_FALSE(parse_item(line));
        CHECK_FALSE(parse_node(line));
    }
    CHECK(is_summary(R"({"message_type":"summary","total_files":1})"));
    CHECK_FALSE(is_summary(R"({"message_type":"status"})"));
}
