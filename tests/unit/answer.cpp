// SPDX-License-Identifier: MIT
#include "exec/answer.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/start.hpp"
#include "job/error.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>
#include <format>
#include <fstream>
#include <string>

using namespace igotchuu;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using restic::parse_snapshots;

namespace
{

std::string id(unsigned number)
{
    return std::format("{:064x}", number);
}

/// As restic 0.18.0 lists it: snapshots --json --no-lock --tag=igotchuu-machine=0123
std::string listed(unsigned number, std::string_view time, std::string_view tags, std::string_view more = "")
{
    return std::format(
        R"({{"time":"{}","parent":"{}","tree":"{}","paths":["/home","/srv/a b"],"hostname":"h","username":"root","tags":[{}],)"
        R"("program_version":"restic 0.18.0","summary":{{"backup_start":"2026-11-26T03:28:36.695318741Z","files_new":2}},{}"id":"{}","short_id":"x"}})",
        time, id(0), id(0), tags, more, id(number));
}
constexpr std::string_view own = R"("igotchuu-job=home","igotchuu-machine=0123")";

const Clock::time_point noon{std::chrono::sys_days{2026y / 11 / 26} + 12h};

Answer an_answer()
{
    return {.asked = noon,
            .snapshots = {{.id = id(7),
                           .original = id(6),
                           .time = noon - 1h + 123'456'789ns,
                           .host = "laptop",
                           .tags = {"igotchuu-job=home", "igotchuu-machine=0123"},
                           .paths = {"/home", "/srv/ü \"b\""},
                           .parent = id(5)}},
            .tried = noon + 1min,
            .why_not = "nothing listens there",
            .in_vain_since = noon + 30s,
            .moved = noon - 1h};
}

} // namespace

TEST_CASE("what restic lists is read: which snapshots, of when, of what, whose")
{
    const auto all =
        parse_snapshots('[' + listed(1, "2026-11-04T03:00:00Z", own) + ',' +
                        listed(2, "2026-11-05T05:00:00.5+02:00", own, std::format(R"("original":"{}",)", id(9))) + ']');
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == id(2)); // the newest first
    CHECK(all[0].original == id(9));
    CHECK(all[0].parent == id(0));
    CHECK(all[0].is(id(9)));
    CHECK(all[0].is(id(2)));
    CHECK_FALSE(all[0].is(""));
    CHECK(all[0].time == std::chrono::sys_days{2026y / 11 / 5} + 3h + 500ms);
    CHECK(all[1].original.empty());
    CHECK(all[1].host == "h");
    CHECK(all[1].paths == std::vector<std::string>{"/home", "/srv/a b"});
    CHECK(all[1].tags == std::vector<std::string>{"igotchuu-job=home", "igotchuu-machine=0123"});
    for (const std::string_view none : {"[]", "null", "[]\n"})
        CHECK(parse_snapshots(none).empty());
}

TEST_CASE("the list of what is in a snapshot begins with the snapshot, and another line is none")
{
    const auto whole = listed(3, "2026-11-04T03:00:00Z", own, R"("struct_type":"snapshot",)");
    const auto snapshot = restic::stored_on(whole);
    REQUIRE(snapshot);
    CHECK(snapshot->id == id(3));
    CHECK(snapshot->host == "h");
    for (const std::string &other : {std::string{}, std::string{"null"}, std::string{R"({"struct_type":7})"},
                                     std::string{R"({"struct_type":"node","path":"/home"})"},
                                     listed(3, "yesterday", own, R"("struct_type":"snapshot",)"), whole.substr(1)}) {
        INFO(other);
        CHECK_FALSE(restic::stored_on(other));
    }
}

TEST_CASE("a snapshot of no job is left out, and so is what is older than a job's record can be")
{
    std::string text = '[' + listed(1, "2026-11-04T03:00:00Z", R"("mine")");
    for (unsigned number = 2; number < 502; ++number)
        text += ',' + listed(number, std::format("2026-11-04T{:02}:{:02}:00Z", number / 60, number % 60), own);
    text += ',' + listed(1000, "2020-01-01T00:00:00Z", R"("igotchuu-job=old","igotchuu-machine=0123")") + ']';
    const auto all = parse_snapshots(text);
    CHECK(all.size() == Record::history_max + 50 + 1);
    CHECK(all.front().id == id(501));
    CHECK(all.back().id == id(1000));
}

TEST_CASE("a list that is not as it has to be is a failure that says so, and no empty list")
{
    const std::vector<std::string> all{"",
                                       "{}",
                                       "[7]",
                                       "[{}]",
                                       "[",
                                       "\"x\"",
                                       '[' + listed(1, "yesterday", own) + ']',
                                       '[' + listed(1, "2026-11-04T03:00:00Z", "7") + ']',
                                       R"([{"id":"abc","time":"2026-11-04T03:00:00Z","tags":[],"paths":[]}])"};
    for (const auto &wrong : all) {
        INFO(wrong);
        CHECK_THROWS_MATCHES(parse_snapshots(wrong), Failure,
                             MessageMatches(ContainsSubstring("the snapshots that restic lists cannot be understood (")));
    }
}

TEST_CASE("what restic warns of and calls a success is no whole list")
{
    CHECK(restic::says_unlisted("could not load snapshots: open /srv/r/snapshots: permission denied"));
    CHECK(restic::says_unlisted(R"(Ignoring "1a2b3c4d": load snapshot 1a2b3c4d: invalid data returned)"));
    CHECK(restic::says_unlisted("Ignoring 1a2b3c4d: no such file or directory"));
    CHECK_FALSE(restic::says_unlisted("created new cache in /var/cache/igotchuu"));
    CHECK_FALSE(restic::says_unlisted(""));
}

TEST_CASE("a repository that is not got to, does not answer or whose link is torn is out of reach, and what was stopped is neither "
          "that nor a fault")
{
    Repository nas;
    nas.name = "nas";
    nas.location = "sftp:nas:/srv/r";
    const auto asked_to_end = ChildEnd{.status = 1, .interrupted = true};
    CHECK_NOTHROW(restic::expect_list(nas, {.end = {}, .words = {}}));
    CHECK_THROWS_AS(restic::expect_list(nas, {.end = asked_to_end, .words = {}, .unreached = true}), restic::Unreached);
    CHECK_THROWS_AS(restic::expect_list(nas, {.end = asked_to_end, .words = {}, .hangs = true}), restic::Unreached);
    CHECK_THROWS_AS(restic::expect_list(nas, {.end = asked_to_end, .words = {}, .silent = true}), restic::Unreached);
    CHECK_THROWS_AS(restic::expect_list(nas, {.end = asked_to_end, .words = {}}), Cancelled);
    try {
        restic::expect_list(nas, {.end = {.status = 12}, .words = {}});
        FAIL("a wrong password is no fault");
    } catch (const restic::Unreached &) {
        FAIL("a wrong password is out of reach");
    } catch (const Failure &) {
    }
}

TEST_CASE("an answer is kept as it is, for the very repository that gave it")
{
    const auto now = noon + 5min;
    const auto text = to_json(an_answer(), "address");
    CHECK(text.ends_with('\n'));
    CHECK(text.find('\n') == text.size() - 1);
    CHECK(answer_from_json(text, "address", now) == an_answer());
    CHECK(answer_from_json(text, "another", now) == Answer{.moved = now}); // of what was made elsewhere nothing counts
    CHECK(answer_from_json(to_json({}, "a"), "a", now) == Answer{});
    for (const std::string_view wrong :
         {"", "{}", "[]", "7", R"({"address":"a"})", R"({"address":7,"asked":1,"tried":1})",
          R"({"address":"a","asked":1,"tried":1,"why_not":"","snapshots":[]})",
          R"({"address":"a","asked":1,"tried":1,"in_vain_since":1,"moved":1,"why_not":"","snapshots":[{}]})"})
        CHECK_FALSE(answer_from_json(wrong, "a", now));
}

TEST_CASE("an answer of a time that is yet to come was never given: the clock was ahead")
{
    const auto text = to_json(an_answer(), "address");
    CHECK(answer_from_json(text, "address", noon - 1s) == Answer{.moved = noon - 1h});
    CHECK(answer_from_json(text, "address", noon - 2h) == Answer{.moved = noon - 2h});
    const auto asked = answer_from_json(text, "address", noon + 10s);
    REQUIRE(asked);
    CHECK(asked->snapshots == an_answer().snapshots);
    CHECK(asked->tried == Clock::time_point{});
    CHECK(asked->in_vain_since == Clock::time_point{});
}

TEST_CASE("an answer holds for a quarter of an hour, and not beyond what the job does there")
{
    const Answer answer{.asked = noon};
    CHECK(answer.is_current(noon, {}));
    CHECK(answer.is_current(noon + 14min, noon - 1s));
    CHECK_FALSE(answer.is_current(noon + 15min, {}));
    CHECK_FALSE(answer.is_current(noon - 1s, {})); // the clock was set back
    CHECK_FALSE(answer.is_current(noon + 1min, noon));
    CHECK_FALSE(answer.is_current(noon + 1min, noon + 30s));
    CHECK_FALSE(Answer{}.is_current(noon, {}));
    CHECK_FALSE(answer.is_out_of_reach(noon, {}));
    const auto tried = an_answer();
    CHECK(tried.is_out_of_reach(noon + 2min, noon));
    CHECK_FALSE(tried.is_out_of_reach(noon + 16min, noon));
    CHECK_FALSE(tried.is_out_of_reach(noon + 3min, noon + 2min)); // a run has got through since
}

TEST_CASE("a file of another kind is no answer, and none is ever followed through a link")
{
    const LittleRoot root;
    const auto cache = root.path().native();
    Repository nas;
    nas.name = nas.file = "nas";
    nas.location = "/srv/nas";
    const auto now = noon + 5min;
    const auto read = [&](const Repository &repository) { return read_answer(cache, repository, now); };
    CHECK_FALSE(read(nas));
    keep_answer(cache, nas, an_answer());
    CHECK(read(nas) == an_answer());
    Repository same = nas;
    same.maintenance.check_parts = 4;
    same.limit_upload = 100;
    CHECK(read(same) == an_answer());
    Repository moved = nas, other_key = nas;
    moved.location = "/srv/elsewhere";
    other_key.password.file = "/etc/igotchuu/new";
    CHECK(read(moved) == Answer{.moved = now});
    CHECK(read(other_key) == Answer{.moved = now});

    const auto file = root.path() / "fresh/nas.json";
    CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms{0600});
    CHECK(std::filesystem::status(file.parent_path()).permissions() == std::filesystem::perms{0700});
    std::filesystem::permissions(file, std::filesystem::perms{0622});
    CHECK_FALSE(read(nas));
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    std::filesystem::rename(file, root.path() / "elsewhere");
    std::filesystem::create_symlink(root.path() / "elsewhere", file);
    CHECK_FALSE(read(nas));
    keep_answer(cache, nas, Answer{.asked = noon}); // takes the link's place
    CHECK(read(nas) == Answer{.asked = noon});
    CHECK_FALSE(std::filesystem::is_symlink(file));
    std::filesystem::resize_file(file, 17 << 20);
    CHECK_FALSE(read(nas));
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK_FALSE(read(nas));
}
