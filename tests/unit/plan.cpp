// SPDX-License-Identifier: MIT
#include "exec/restic/plan.hpp"

#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <format>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace
{

const std::vector<std::string> tags{"igotchuu-job=home", "igotchuu-machine=0123"};

/// Of restic 0.18.0: forget --dry-run --no-lock --json --tag igotchuu-job=home,igotchuu-machine=0123 --group-by= --keep-daily 1 --keep-last 2
// clang-format off
constexpr std::string_view real =
    R"x([{"tags":null,"host":"","paths":null,"keep":[{"time":"2026-11-04T03:00:00Z","tree":"8dfac4eec3e6601e0acf6b205d61e29bb0fabf325)x"
    R"x(2c0cfe66d88e46b695edb4a","paths":["/tmp/s"],"hostname":"h4","username":"root","tags":["igotchuu-job=home","igotchuu-machine=0)x"
    R"x(123"],"program_version":"restic 0.18.0","summary":{"backup_start":"2026-11-26T03:28:36.695318741Z","backup_end":"2026-11-26T0)x"
    R"x(3:28:37.399546783Z","files_new":2,"files_changed":0,"files_unmodified":0,"dirs_new":2,"dirs_changed":0,"dirs_unmodified":0,"d)x"
    R"x(ata_blobs":1,"tree_blobs":3,"data_added":1394,"data_added_packed":1036,"total_files_processed":2,"total_bytes_processed":31},)x"
    R"x("id":"e374fe3c49b0859600c4d73f17de6fbc071daa78547145812b39d0372bd63ade","short_id":"e374fe3c"},{"time":"2026-11-03T03:00:00Z")x"
    R"x(,"tree":"a7647f58d639830bd61a76b79e5da9a654958b5dd46c1b8bc7758be6dbdf14bb","paths":["/tmp/s"],"hostname":"h3","username":"roo)x"
    R"x(t","tags":["igotchuu-job=home","igotchuu-machine=0123"],"program_version":"restic 0.18.0","summary":{"backup_start":"2026-11-)x"
    R"x(26T03:28:35.871375955Z","backup_end":"2026-11-26T03:28:36.568746942Z","files_new":2,"files_changed":0,"files_unmodified":0,"d)x"
    R"x(irs_new":2,"dirs_changed":0,"dirs_unmodified":0,"data_blobs":1,"tree_blobs":3,"data_added":1394,"data_added_packed":1037,"tot)x"
    R"x(al_files_processed":2,"total_bytes_processed":31},"id":"ba544fdea4bd6df43bf0ad8bac5c6093064b52d4c14495333135c4e087452287","sh)x"
    R"x(ort_id":"ba544fde"}],"remove":[{"time":"2026-11-02T03:00:00Z","tree":"960f345a1c7707c0f51c5616763d64a33a36ef4a5cebd234c68ba2f)x"
    R"x(c012d4c58","paths":["/tmp/s"],"hostname":"h2","username":"root","tags":["igotchuu-job=home","igotchuu-machine=0123"],"program)x"
    R"x(_version":"restic 0.18.0","summary":{"backup_start":"2026-11-26T03:28:34.88713952Z","backup_end":"2026-11-26T03:28:35.7716670)x"
    R"x(27Z","files_new":2,"files_changed":0,"files_unmodified":0,"dirs_new":2,"dirs_changed":0,"dirs_unmodified":0,"data_blobs":1,"t)x"
    R"x(ree_blobs":3,"data_added":1394,"data_added_packed":1038,"total_files_processed":2,"total_bytes_processed":31},"id":"0c37cf1df)x"
    R"x(bfd0e465c7a4900d984bdd47cb0e14e9abd23c52b4068dfc4a6903f","short_id":"0c37cf1d"},{"time":"2026-11-01T03:00:00Z","tree":"91e436)x"
    R"x(75cf9ed695df361f4ce72076d348458b2af9f475978dcdc5dbe8024344","paths":["/tmp/s"],"hostname":"h1","username":"root","tags":["igo)x"
    R"x(tchuu-job=home","igotchuu-machine=0123"],"program_version":"restic 0.18.0","summary":{"backup_start":"2026-11-26T03:28:33.565)x"
    R"x(48531Z","backup_end":"2026-11-26T03:28:34.633211628Z","files_new":2,"files_changed":0,"files_unmodified":0,"dirs_new":2,"dirs)x"
    R"x(_changed":0,"dirs_unmodified":0,"data_blobs":2,"tree_blobs":3,"data_added":1393,"data_added_packed":1120,"total_files_process)x"
    R"x(ed":2,"total_bytes_processed":31},"id":"4f59dd8e3781c05aac8aa59fb77e7f6b2b2604fa9163968ee7b05c59ee18f0f0","short_id":"4f59dd8)x"
    R"x(e"}],"reasons":[{"snapshot":{"time":"2026-11-04T03:00:00Z","tree":"8dfac4eec3e6601e0acf6b205d61e29bb0fabf3252c0cfe66d88e46b69)x"
    R"x(5edb4a","paths":["/tmp/s"],"hostname":"h4","username":"root","tags":["igotchuu-job=home","igotchuu-machine=0123"],"program_ve)x"
    R"x(rsion":"restic 0.18.0","summary":{"backup_start":"2026-11-26T03:28:36.695318741Z","backup_end":"2026-11-26T03:28:37.399546783)x"
    R"x(Z","files_new":2,"files_changed":0,"files_unmodified":0,"dirs_new":2,"dirs_changed":0,"dirs_unmodified":0,"data_blobs":1,"tre)x"
    R"x(e_blobs":3,"data_added":1394,"data_added_packed":1036,"total_files_processed":2,"total_bytes_processed":31},"id":"e374fe3c49b)x"
    R"x(0859600c4d73f17de6fbc071daa78547145812b39d0372bd63ade","short_id":"e374fe3c"},"matches":["last snapshot","daily snapshot"]},{)x"
    R"x("snapshot":{"time":"2026-11-03T03:00:00Z","tree":"a7647f58d639830bd61a76b79e5da9a654958b5dd46c1b8bc7758be6dbdf14bb","paths":[)x"
    R"x("/tmp/s"],"hostname":"h3","username":"root","tags":["igotchuu-job=home","igotchuu-machine=0123"],"program_version":"restic 0.)x"
    R"x(18.0","summary":{"backup_start":"2026-11-26T03:28:35.871375955Z","backup_end":"2026-11-26T03:28:36.568746942Z","files_new":2,)x"
    R"x("files_changed":0,"files_unmodified":0,"dirs_new":2,"dirs_changed":0,"dirs_unmodified":0,"data_blobs":1,"tree_blobs":3,"data_)x"
    R"x(added":1394,"data_added_packed":1037,"total_files_processed":2,"total_bytes_processed":31},"id":"ba544fdea4bd6df43bf0ad8bac5c)x"
    R"x(6093064b52d4c14495333135c4e087452287","short_id":"ba544fde"},"matches":["last snapshot"]}]}])x";
// clang-format on

std::string id(char digit)
{
    return std::string(64, digit);
}

std::string snapshot(const std::string &id, const std::string &more = R"("tags":["igotchuu-job=home","igotchuu-machine=0123"])")
{
    return std::format(R"({{"time":"2026-11-04T03:00:00Z","hostname":"h","id":"{}",{}}})", id, more);
}

std::string plan_of(const std::string &keep, const std::string &remove)
{
    return std::format(R"([{{"tags":null,"host":"","paths":null,"keep":{},"remove":{},"reasons":null}}])", keep, remove);
}

std::string with(const std::string &text, const std::string &old, const std::string &now)
{
    const auto at = text.find(old);
    REQUIRE(at != text.npos);
    return std::string{text}.replace(at, old.size(), now);
}

} // namespace

TEST_CASE("what restic says that it would forget is what is planned")
{
    const auto plan = parse_plan(real, tags);
    REQUIRE(plan.keep.size() == 2);
    REQUIRE(plan.remove.size() == 2);
    CHECK(plan.keep[0].id == "e374fe3c49b0859600c4d73f17de6fbc071daa78547145812b39d0372bd63ade");
    CHECK(plan.keep[0].time == std::chrono::sys_days{2026y / 11 / 4} + 3h);
    CHECK(plan.keep[0].host == "h4");
    CHECK(plan.keep[0].reasons == std::vector<std::string>{"last snapshot", "daily snapshot"});
    CHECK(plan.keep[1].reasons == std::vector<std::string>{"last snapshot"});
    CHECK(plan.remove[0].id == "0c37cf1dfbfd0e465c7a4900d984bdd47cb0e14e9abd23c52b4068dfc4a6903f");
    CHECK(plan.remove[0].host == "h2");
    CHECK(plan.remove[1].id == "4f59dd8e3781c05aac8aa59fb77e7f6b2b2604fa9163968ee7b05c59ee18f0f0");
    CHECK(plan.remove[1].reasons.empty());
}

TEST_CASE("a snapshot that got a tag is still known by the id that it was made with")
{
    const std::string ours = R"("tags":["igotchuu-job=home","igotchuu-machine=0123"])";
    const auto plan = parse_plan(
        plan_of("[" + snapshot(id('a'), ours + R"(,"original":")" + id('b') + '"') + "]", "[" + snapshot(id('c')) + "]"), tags);
    CHECK(plan.keep.at(0).original == id('b'));
    CHECK(plan.remove.at(0).original.empty());
}

TEST_CASE("a time is the same instant in whatever zone it is written, to the nanosecond")
{
    const auto instant = std::chrono::sys_days{2026y / 11 / 26} + 3h + 28min + 36s + 695318741ns;
    for (const std::string time :
         {"2026-11-26T03:28:36.695318741Z", "2026-11-26T04:28:36.695318741+01:00", "2026-11-25T22:58:36.695318741-04:30"})
        CHECK(parse_plan(with(plan_of("[" + snapshot(id('a')) + "]", "null"), "2026-11-04T03:00:00Z", time), tags).keep[0].time ==
              instant);
}

TEST_CASE("where there is no snapshot there is nothing to forget")
{
    for (const std::string nothing : {"", "\n", "[]", "[]\n", R"([{"keep":null,"remove":null,"reasons":null}])", "[{}]"}) {
        const auto plan = parse_plan(nothing, tags);
        CHECK(plan.keep.empty());
        CHECK(plan.remove.empty());
    }
}

TEST_CASE("a plan that is not as it has to be is a failure, and nobody gets a part of it")
{
    const auto good = plan_of("[" + snapshot(id('a')) + "]", "[" + snapshot(id('b')) + "]");
    CHECK(parse_plan(good, tags).remove.size() == 1);
    const auto refused = [](const std::string &text, const std::string &why) {
        INFO(text.substr(0, 300));
        CHECK_THROWS_MATCHES(parse_plan(text, tags), Failure, MessageMatches(ContainsSubstring(why)));
        CHECK_THROWS_MATCHES(parse_plan(text, tags), Failure, MessageMatches(ContainsSubstring("nothing is forgotten")));
    };
    for (std::size_t size = 1; size < good.size(); ++size)
        refused(good.substr(0, size), "it is no list");
    for (const std::string text : {"null", "7", "{}", "\"x\"", "Fatal: oh no", "[1,", "\xff\xfe"})
        refused(text, "it is no list");
    refused("Load(<snapshot/222a>) failed\n" + good, "it is no list");
    refused(good + good, "it is no list");
    refused("[" + good.substr(1, good.size() - 2) + "," + good.substr(1, good.size() - 2) + "]", "several groups");
    for (const auto &wrong : {id('a').substr(1), id('a') + "a", id('A'), std::string{"latest"}, std::string{"--prune"},
                              std::string(64, '/'), std::string{}, id('b').substr(0, 63) + "g"})
        refused(with(good, id('b'), wrong), "is no snapshot's id");
    refused(with(good, id('b'), id('a')), "is in it twice");
    for (const std::string wrong : {"7", "null", "[]", "{}", "true"})
        refused(with(good, '"' + id('b') + '"', wrong), "id is no text");
    for (const std::string wrong : {"", "yesterday", "2026-11-04", "2026-11-04T03:00:00", "2026-13-04T03:00:00Z",
                                    "2026-11-04T03:00:00Zx", "4052-11-04T03:00:00Z", "1066-10-14T09:00:00Z"})
        refused(with(good, "2026-11-04T03:00:00Z", wrong), "is no time");
    refused(with(good, R"("hostname":"h")", R"("hostname":7)"), "hostname is no text");
    for (const std::string wrong : {"7", "true", "{}", "\"x\""}) {
        refused(plan_of(wrong, "null"), "keep is no list");
        refused(plan_of("null", wrong), "remove is no list");
    }
    for (const std::string wrong : {"[7]", "[true]", "[\"x\"]", "[[]]", "[null]"})
        refused(wrong, "no object");
}

TEST_CASE("a snapshot of another job or machine fails the whole plan")
{
    for (const std::string others :
         {R"("tags":["igotchuu-job=home"])", R"("tags":["igotchuu-machine=0123"])", R"("tags":[])", R"("tags":null)", R"("x":7)",
          R"("tags":["igotchuu-job=home2","igotchuu-machine=0123"])", R"("tags":["igotchuu-job=home,igotchuu-machine=0123"])",
          R"("tags":["igotchuu-job=home","igotchuu-machine=4567"])"}) {
        CHECK_THROWS_MATCHES(parse_plan(plan_of("[" + snapshot(id('a')) + "]", "[" + snapshot(id('b'), others) + "]"), tags),
                             Failure, MessageMatches(ContainsSubstring("is not the job's")));
        CHECK_THROWS_AS(parse_plan(plan_of("[" + snapshot(id('a'), others) + "]", "null"), tags), Failure);
    }
    CHECK_THROWS_AS(parse_plan(plan_of("[" + snapshot(id('a'), R"("tags":"igotchuu-job=home")") + "]", "null"), tags), Failure);
    CHECK_THROWS_AS(
        parse_plan(plan_of("[" + snapshot(id('a'), R"("tags":[["igotchuu-job=home"],"igotchuu-machine=0123"])") + "]", "null"),
                   tags),
        Failure);
}

TEST_CASE("a huge or deep plan takes neither the memory nor the stack")
{
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += (i == 0 ? "" : ",") + snapshot(std::format("{:064x}", i));
    CHECK(parse_plan(plan_of("null", "[" + many + "]"), tags).remove.size() == 20'000);

    std::string values = "[\"\"";
    for (int i = 0; i < 3'000'001; ++i)
        values += ",\"\"";
    CHECK_THROWS_MATCHES(parse_plan(plan_of("null", values + "]"), tags), Failure, MessageMatches(ContainsSubstring("too long")));
    const auto deep = std::string(200'000, '[') + std::string(200'000, ']');
    CHECK_THROWS_AS(parse_plan(plan_of("null", deep), tags), Failure);
}
