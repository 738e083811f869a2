// SPDX-License-Identifier: MIT
#include "exec/excluded.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

/// Whether a job of the source "/" that excludes these has no need of what is nested there.
bool excludes(std::vector<std::string> patterns, const std::string &path, const Keep &keep = {})
{
    Job job;
    job.sources = {"/", "/srv/one"};
    job.live = {"/boot/efi"};
    job.exclude = std::move(patterns);
    return what_is_excluded(job, keep)(path);
}

} // namespace

TEST_CASE("a path excludes what lies at and below it, and a pattern nothing")
{
    CHECK(excludes({"*.iso", "/swap"}, "/swap"));
    CHECK(excludes({"/swap"}, "/swap/below"));
    CHECK(excludes({"/var//lib/./docker/"}, "/var/lib/docker/btrfs/subvolumes/1"));
    CHECK_FALSE(excludes({"/swap"}, "/swapped"));
    CHECK_FALSE(excludes({"/swap/below"}, "/swap"));
    for (const auto *pattern : {"swap", "/sw*", "/swa?", "/[s]wap", "/s\\wap", "/", ""})
        CHECK_FALSE(excludes({pattern}, "/swap"));
    CHECK_FALSE(excludes({}, "/swap"));
    CHECK_FALSE(excludes({"/swap"}, ""));
}

TEST_CASE("what a later pattern may take in again is not excluded")
{
    CHECK_FALSE(excludes({"/swap", "!swap"}, "/swap"));
    CHECK(excludes({"!swap", "/swap"}, "/swap"));
}

TEST_CASE("a file system that is not in the backup is accepted by its path, whatever needs a place below it")
{
    Job job;
    job.sources = {"/", "/srv/one"};
    job.exclude = {"/srv/", "/mnt/a", "!/mnt/a/b"};
    CHECK_FALSE(is_excluded(job, "/srv"));
    job.exclude = {"!/mnt/a/b", "/srv/"};
    CHECK(is_excluded(job, "/srv"));
    CHECK_FALSE(is_excluded(job, "/srv2"));
}

TEST_CASE("what is needed has its place, though it is excluded")
{
    CHECK_FALSE(excludes({"/srv"}, "/srv"));
    CHECK_FALSE(excludes({"/boot"}, "/boot"));
    CHECK(excludes({"/srv"}, "/srv/two"));
    CHECK_FALSE(excludes({"/var"}, "/var", {.live = {"/var/lib/igotchuu"}}));
    CHECK(excludes({"/var"}, "/var/lib/docker", {.live = {"/var/lib/igotchuu"}}));
    CHECK_FALSE(excludes({"/usr"}, "/usr", {.programs = {"/usr/bin/restic"}}));
    CHECK_FALSE(excludes({"/keys"}, "/keys", {.readable = {"/keys/key"}}));
    CHECK_FALSE(excludes({"/root"}, "/root"));
}
