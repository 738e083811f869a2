// SPDX-License-Identifier: MIT
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

using namespace igotchuu;
using namespace igotchuu::stage;
namespace fs = std::filesystem;

namespace
{

/// A run that is killed with its snapshots taken and its view mounted.
void killed_run(const std::string &source, const std::string &name)
{
    Play play{[&](const Actor &actor) {
        const Scratch scratch;
        const btrfs::Snapshots snapshots{std::vector{source}, name, scratch.path(), 100};
        const View view{shows(snapshots), {}, scratch};
        actor.meet();
    }};
    play.meet();
    play.kill_and_wait();
}

} // namespace

TEST_CASE("a killed run's snapshots are deleted, a live one's and what is not ours are left alone")
{
    const Disk disk;
    run({"btrfs", "subvolume", "create", disk / "home"});
    run({"btrfs", "subvolume", "create", disk / "home/nested"});
    const auto mounts_before = mounts();
    const auto dead = run_name("dead:with:colons"), live = run_name("live");
    killed_run(disk / "home", dead);
    killed_run(disk / "home", live);
    CHECK(mounts() == mounts_before);
    const auto half = run_name("half"); // killed between two steps of the making, or of the deletion
    fs::create_directories(disk / ".igotchuu/" + half + "/0");
    fs::create_directory(disk / ".igotchuu/" + half + "/1");
    write(disk / ".igotchuu/notes", "an admin's");
    fs::create_directory(disk / ".igotchuu/home:0123");
    const std::string subvolume = ".igotchuu/home:0123456789abcdef0123456789abcdef";
    run({"btrfs", "subvolume", "create", disk / subvolume});

    in_namespace([&] {
        const Scratch scratch;
        std::vector<std::string> asked;
        const auto reaped = btrfs::method.reap(std::vector{disk / "home", disk / "missing", std::string{"/run"}, disk.path()},
                                               scratch.path(), [&](const Leftover &leftover) {
                                                   asked.push_back(leftover.instance + ':' + leftover.run);
                                                   return leftover.instance != "live";
                                               });
        must(asked == std::vector{dead, half, live}, "each run is asked for once");
        must(reaped.removed.size() == 2 && reaped.removed[0].instance == "dead:with:colons", "the dead ones are removed");
        must(reaped.stuck.empty(), "nothing is stuck");
        must(reaped.foreign.size() == 3, "three things are foreign");
    });
    std::vector<std::string> left;
    for (const auto &entry : fs::directory_iterator{disk / ".igotchuu"})
        left.push_back(entry.path().filename());
    std::ranges::sort(left);
    CHECK(left == std::vector<std::string>{"home:0123", "home:0123456789abcdef0123456789abcdef", live, "notes"});
    CHECK(fs::exists(disk / ".igotchuu/" + live + "/1/snapshot"));
}

TEST_CASE("a snapshot that cannot be deleted is named, and does not keep the others")
{
    const Disk disk;
    run({"btrfs", "subvolume", "create", disk / "home"});
    const auto first = run_name("a"), second = run_name("b"), third = run_name("c");
    for (const auto &name : {first, second, third})
        killed_run(disk / "home", name);
    run({"btrfs", "subvolume", "set-default", disk / ".igotchuu/" + first + "/0/snapshot"});
    write(disk / ".igotchuu/" + second + "/note", "an admin's");
    in_namespace([&] {
        const Scratch scratch;
        const auto reaped = btrfs::method.reap(std::vector{disk / "home"}, scratch.path(), [](const Leftover &) { return true; });
        must(reaped.removed.size() == 1 && reaped.removed[0].instance == "c", "the one that can be is removed");
        must(reaped.stuck.size() == 2, "two are named");
        must(reaped.stuck[0].contains(first) && reaped.stuck[0].contains("Operation not permitted"), reaped.stuck[0]);
        must(reaped.stuck[1].contains(second) && reaped.stuck[1].contains("not empty"), reaped.stuck[1]);
    });
    CHECK(fs::exists(disk / ".igotchuu/" + second + "/note"));
}

TEST_CASE("what remove() cannot delete is said, with how many stay, and the rest is gone")
{
    const Disk disk;
    run({"btrfs", "subvolume", "create", disk / "home"});
    run({"btrfs", "subvolume", "create", disk / "home/nested"});
    const auto name = run_name();
    Play play{[&](const Actor &actor) {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, name, scratch.path(), 100};
        actor.meet();
        const auto text = thrown_by([&] { snapshots.remove(); });
        must(text.contains("1 of the run's snapshots could not be deleted") && text.contains("set-default"), text);
    }};
    play.meet();
    run({"btrfs", "subvolume", "set-default", disk / ".igotchuu/" + name + "/0/snapshot"});
    play.go_on();
    play.finish();
    CHECK(fs::exists(disk / ".igotchuu/" + name + "/0/snapshot"));
    CHECK_FALSE(fs::exists(disk / ".igotchuu/" + name + "/1"));
}
