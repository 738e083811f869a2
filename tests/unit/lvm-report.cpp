// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm-report.hpp"
#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <format>
#include <sys/sysmacros.h>

using namespace igotchuu;
using namespace igotchuu::lvm;

namespace
{

/// As LVM 2.03.31 has it.
std::string row(std::string_view name, std::string_view rest)
{
    return std::format(R"({{"vg_name":"vg-sys", "lv_name":"{}", {}}})", name, rest);
}

} // namespace

TEST_CASE("a volume is known by its device number, whatever hyphens its names have")
{
    const auto volumes = parse_report(
        R"({"report": [{"lv": [)" +
        row("home-data",
            R"("lv_kernel_major":"254", "lv_kernel_minor":"4", "lv_layout":"thin,sparse", "pool_lv":"p-0", "origin":"", "lv_tags":"a,igotchuu=h:1", "data_percent":"10.77", "metadata_percent":"", "lv_suspended":"1")") +
        "," +
        row("p-0",
            R"("lv_kernel_major":"254", "lv_kernel_minor":"2", "lv_layout":"thin,pool", "pool_lv":"", "origin":"", "lv_tags":"", "data_percent":"7.50", "metadata_percent":"11.72", "lv_suspended":"0")") +
        "," +
        row("snap",
            R"("lv_kernel_major":"-1", "lv_kernel_minor":"-1", "lv_layout":"thin,sparse", "pool_lv":"p-0", "origin":"home-data", "lv_tags":"", "data_percent":"", "metadata_percent":"", "lv_suspended":"")") +
        R"(]}], "log": []})");
    REQUIRE(volumes.size() == 3);
    CHECK(volumes[0] == Volume{.group = "vg-sys",
                               .name = "home-data",
                               .device = makedev(254, 4),
                               .pool = "p-0",
                               .tags = {"a", "igotchuu=h:1"},
                               .data_percent = 10.77,
                               .thin = true,
                               .suspended = true});
    CHECK(volumes[0].full_name() == "vg-sys/home-data");
    CHECK(volumes[1] ==
          Volume{.group = "vg-sys", .name = "p-0", .device = makedev(254, 2), .data_percent = 7.5, .metadata_percent = 11.72});
    CHECK(volumes[2] == Volume{.group = "vg-sys", .name = "snap", .pool = "p-0", .origin = "home-data", .thin = true});
    CHECK(parse_report(R"({"report": [{"lv": []}]})").empty());
}

TEST_CASE("a report of another form is an error, and no machine without volumes")
{
    for (const auto *text : {"", "{}", "[]", R"({"report": [{}]})", R"({"report": [{"lv": [{"lv_name": 1}]}]})", "lvs: not found"})
        CHECK_THROWS_AS(parse_report(text), Failure);
}

TEST_CASE("the mark of every run comes back from its tag, and a tag of others is none")
{
    const std::string invocation = ":0123456789abcdef0123456789abcdef";
    for (const auto *instance : {"home", "TV\\x20Shows", "a@b", "-", "100\\x25", "a:b_c.d", "#41"}) {
        const auto tag = tag_of(instance + invocation);
        CHECK(run_of(tag) == instance + invocation);
        CHECK(tag.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-/=!:&#") ==
              std::string::npos);
    }
    CHECK(tag_of("TV\\x20Shows:1") == "igotchuu=TV#5cx20Shows:1");
    for (const auto *other :
         {"", "home", "igotchuu", "igotchuu2=a", "igotchuu=a#", "igotchuu=a#4", "igotchuu=a#zz", "igotchuu=#-1"})
        CHECK_FALSE(run_of(other));
}

TEST_CASE("the name of a snapshot is short, and LVM allows it")
{
    CHECK(snapshot_name("TV\\x20Shows:0123456789abcdef0123456789abcdef", 12) == "igotchuu-0123456789ab-12");
}

TEST_CASE("a pool is as full as the fuller of its halves, and full when it takes no writes")
{
    CHECK(fill_of_pool("4 10/1000 50/100 - rw discard_passdown queue_if_no_space - 1024 ") == 0.5);
    CHECK(fill_of_pool("4 900/1000 50/100 - rw discard_passdown queue_if_no_space needs_check 1024") == 0.9);
    CHECK(fill_of_pool("4 10/1000 50/100 - out_of_data_space discard_passdown queue_if_no_space - 1024") == 1.0);
    CHECK(fill_of_pool("4 10/1000 50/100 - ro discard_passdown queue_if_no_space - 1024") == 1.0);
    for (const auto *text : {"", "Fail", "Error", "4 10/1000 50 - rw", "4 10/0 50/100 - rw", "4 a/1000 50/100 - rw"})
        CHECK_FALSE(fill_of_pool(text));
}
