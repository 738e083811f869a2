// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs-list.hpp"

#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

using namespace igotchuu;

TEST_CASE("names with blanks stay one name, and a mount point may hold anything but a newline")
{
    const auto all = zfs::parse_file_systems("tank\toff\t-\tnone\n"
                                             "tank/Hello World\ton\t-\t/srv/z\n"
                                             "tank/Hello World/enc\ton\tunavailable\t/srv/z/a\ttab\n"
                                             "tank/Hello World/leg\tnoauto\tavailable\tlegacy\n");
    REQUIRE(all.size() == 4);
    CHECK((all[0].mounts_never && !all[0].mounts_itself));
    CHECK((all[1].name == "tank/Hello World" && all[1].mount_point == "/srv/z" && all[1].mounts_itself && !all[1].key_missing));
    CHECK((all[2].mount_point == "/srv/z/a\ttab" && all[2].key_missing));
    CHECK((!all[3].mounts_itself && !all[3].mounts_never && !all[3].key_missing));
}

TEST_CASE("a snapshot is read with its transaction, its second and its holds; a file system has none")
{
    const auto all = zfs::parse_found("tank/a b\t12\t1700000000\t-\ntank/a b@x\t13\t1700000001\t2\n");
    REQUIRE(all.size() == 2);
    CHECK((all[0].name == "tank/a b" && all[0].holds == 0));
    CHECK((all[1].name == "tank/a b@x" && all[1].transaction == 13 && all[1].holds == 2));
    CHECK(all[1].created - all[0].created == std::chrono::seconds{1});
    CHECK(zfs::parse_found("a\t1\t18446744073709551615\t-\n").size() == 1);
}

TEST_CASE("how much of a pool is free is told of its bytes")
{
    CHECK(zfs::parse_free_percent("900\n100\n") == 10);
    CHECK(zfs::parse_free_percent("0\n5\n") == 100);
    CHECK(zfs::parse_free_percent("18446744073709551615\n0\n") == 0);
    for (const auto *text : {"", "1\n", "0\n0\n", "1\n2\n3\n", "1\n-\n", "1\n2"})
        CHECK_THROWS_AS(zfs::parse_free_percent(text), Failure);
}

TEST_CASE("a snapshot is the same as the oldest one since which nothing was written")
{
    const auto all = zfs::parse_written(
        "t/a@1\t11\t4096\nt/b@1\t21\t4096\nt/a@2\t12\t512\nt/a@3\t13\t0\nt/b@2\t22\t0\nt/a@4\t14\t0\nt/c@1\t31\t0\n");
    REQUIRE(all.size() == 7);
    CHECK(zfs::same_as(all, "t/a@4") == "12");
    CHECK(zfs::same_as(all, "t/a@3") == "12");
    CHECK(zfs::same_as(all, "t/b@2") == "21");
    for (const auto *other : {"t/a@2", "t/a@1", "t/c@1", "t/a@5", "t/d@1"})
        CHECK(zfs::same_as(all, other).empty());
    for (const auto *text : {"t/a@1\t1\t-\n", "t/a@1\tx\t0\n", "t/a@1\t1\n", "t/a@1\t1\t0"})
        CHECK_THROWS_AS(zfs::parse_written(text), Failure);
}

TEST_CASE("what is not understood is no list, and the line is shown")
{
    CHECK_THROWS_WITH(zfs::parse_file_systems("tank\ton\n"), "zfs said what is not understood: tank\\x09on");
    CHECK_THROWS_AS(zfs::parse_file_systems("a\ton\t-\t/srv/new\nline\n"), Failure);
    for (const auto *text :
         {"a\t\t1\t-\n", "a\t1\t-1\t-\n", "a\t1x\t1\t-\n", "a\t1\t1\tx\n", "a\t99999999999999999999\t1\t-\n", "\n", "a\t1\t1\t-"})
        CHECK_THROWS_AS(zfs::parse_found(text), Failure);
    CHECK_THROWS_AS(zfs::parse_names("whole\ncut o"), Failure);
    CHECK(zfs::parse_names("").empty());
}

TEST_CASE("a mark is read as it was set, and counts where it was set")
{
    const auto all = zfs::parse_marks("tank/a@igotchuu-1\tlocal\tsrv-a\\x2db:0123\n"
                                      "tank/b@igotchuu-1\tinherited from tank/b\tsrv-a\\x2db:0123\n"
                                      "tank/c@igotchuu-1\treceived\tx\n"
                                      "tank/d@igotchuu-1\t-\t-\n");
    REQUIRE(all.size() == 4);
    CHECK((all[0].snapshot == "tank/a@igotchuu-1" && all[0].run == "srv-a\\x2db:0123" && all[0].its_own));
    CHECK_FALSE((all[1].its_own || all[2].its_own || all[3].its_own));
}

TEST_CASE("the lowest dataset that others have in common is found by whole names")
{
    using Names = std::vector<std::string>;
    CHECK(zfs::common_to(Names{"tank/a"}) == "tank/a");
    CHECK(zfs::common_to(Names{"tank/a", "tank/a/b", "tank/a/c"}) == "tank/a");
    CHECK(zfs::common_to(Names{"tank/a/b", "tank/ab"}) == "tank");
    CHECK(zfs::common_to(Names{"tank/a b/c", "tank/a b/d"}) == "tank/a b");
    CHECK(zfs::common_to(Names{"tank", "tank/a"}) == "tank");
    CHECK(zfs::common_to(Names{"tank/a", "tank2/a"}).empty());
    CHECK(zfs::pool_of("tank/home@monday") == "tank");
    CHECK(zfs::pool_of("tank@monday") == "tank");
    CHECK(zfs::dataset_of("tank/home@monday") == "tank/home");
    CHECK(zfs::called_as_ours("tank/home@igotchuu-1"));
    CHECK_FALSE(zfs::called_as_ours("tank/igotchuu-1"));
    CHECK_FALSE(zfs::called_as_ours("tank/home@monday-igotchuu-1"));
}
