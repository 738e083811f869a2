// SPDX-License-Identifier: MIT
#include "exec/snapshot/choose.hpp"
#include "exec/stop.hpp"
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

using namespace igotchuu;
using namespace igotchuu::stage;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace
{

constexpr std::uint32_t no_limit = 20'000;

void subvolume(const std::string &path)
{
    run({"btrfs", "subvolume", "create", path});
}

btrfs::Snapshots take(const std::vector<std::string> &sources, const Scratch &scratch, std::uint32_t nested_max = no_limit)
{
    return {sources, run_name(), scratch.path(), nested_max};
}

/// What taking snapshots of `sources` throws.
std::string refusal(const std::vector<std::string> &sources)
{
    Play play{[&](const Actor &) {
        const Scratch scratch;
        throw Failure{thrown_by([&] { take(sources, scratch); })};
    }};
    return thrown_by([&] { play.finish(); });
}

} // namespace

TEST_CASE("the frozen content is at the source's own path while the live one changes, and the host sees none of it")
{
    const Disk disk;
    subvolume(disk / "home");
    subvolume(disk / "home/work");
    fs::create_directories(disk / "home/.snapshots/1");
    subvolume(disk / "home/old");
    subvolume(disk / "home/old/older");
    write(disk / "home/file", "frozen");
    write(disk / "home/work/file", "frozen too");
    run({"btrfs", "subvolume", "snapshot", "-r", disk / "home/work", disk / "home/.snapshots/1/snapshot"});
    run({"btrfs", "property", "set", disk / "home/old", "ro", "true"});
    const auto mounts_before = mounts();
    const auto subvolumes_before = disk.subvolumes();

    Play play{[&](const Actor &actor) {
        const Scratch scratch;
        auto snapshots = take({disk / "home"}, scratch);
        View view{shows(snapshots), {}, scratch};
        actor.meet();
        must(read(disk / "home/file") == "frozen", "the source is frozen");
        must(read(disk / "home/work/file") == "frozen too", "the nested subvolume is in its place, and frozen");
        must(fs::is_empty(disk / "home/.snapshots/1/snapshot"), "a read-only subvolume is left out");
        must(snapshots.census().read_only_left_out == 3, "the read-only ones are counted, with what is in them");
        must(snapshots.census().snapshots == 2, "two subvolumes are taken");
        must(snapshots.census().left_out == 0 && snapshots.census().over_limit == 0, "nothing else is missing");
        must(open((disk / "home/new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == EROFS,
             "the view is read-only");
        view.verify();
        view.unmount();
        must(read(disk / "home/file") == "changed", "the live tree is back");
        snapshots.remove();
        actor.meet();
    }};
    play.meet();
    write(disk / "home/file", "changed");
    write(disk / "home/work/file", "changed too");
    CHECK(mounts() == mounts_before);
    CHECK(disk.subvolumes() != subvolumes_before);
    play.go_on();
    play.meet();
    CHECK(disk.subvolumes() == subvolumes_before);
    CHECK(fs::is_empty(disk / ".igotchuu"));
    play.go_on();
    play.finish();
    CHECK(mounts() == mounts_before);
}

TEST_CASE("two subvolumes are one instant: what was written second is never there without what was written first")
{
    const Disk disk;
    subvolume(disk / "a");
    subvolume(disk / "b");
    Process writer{[&] {
        for (unsigned i = 0;; ++i)
            for (const char *place : {"a/", "b/"})
                close(open((disk / (place + std::to_string(i % 5000))).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    }};
    in_namespace([&] {
        unsigned instants = 0;
        for (int round = 0; round < 20; ++round) {
            const Scratch scratch;
            auto snapshots = take({disk / "a", disk / "b"}, scratch);
            View view{shows(snapshots), {}, scratch};
            const auto count = [&](const char *place) {
                return std::distance(fs::directory_iterator{disk / place}, fs::directory_iterator{});
            };
            const auto ahead = count("a") - count("b");
            if (snapshots.census().instants == 1) {
                ++instants;
                must(ahead == 0 || ahead == 1, std::format("a is {} files ahead of b", ahead));
            }
            view.unmount();
            snapshots.remove();
        }
        must(instants >= 15, std::format("{} of 20 were one instant", instants));
    });
}

TEST_CASE("a pool that is a link, a file, a subvolume, another's or open to others is refused, and nothing is put in it")
{
    const Disk disk;
    const auto pool = disk / ".igotchuu";
    subvolume(disk / "home");
    SECTION("a link")
    {
        fs::create_directory(disk / "elsewhere");
        fs::create_directory_symlink(disk / "elsewhere", pool);
    }
    SECTION("a file")
    {
        write(pool, "");
    }
    SECTION("a subvolume")
    {
        subvolume(pool);
        fs::permissions(pool, fs::perms::owner_all);
    }
    SECTION("another's")
    {
        fs::create_directory(pool);
        fs::permissions(pool, fs::perms::owner_all);
        REQUIRE(chown(pool.c_str(), 1000, 0) == 0);
    }
    SECTION("open to others")
    {
        fs::create_directory(pool);
    }
    const auto before = disk.subvolumes();
    CHECK_THAT(refusal({disk / "home"}), ContainsSubstring(".igotchuu at the top of the btrfs on /dev/loop"));
    CHECK(disk.subvolumes() == before);
}

TEST_CASE("an active swap file is named, with what to do; one in a nested subvolume is left out, and named unless it is excluded")
{
    const auto here = fs::current_path().string(); // under meson the build directory, in the machine one of the host
    if (!Swap::may_lie_on(here))
        SKIP("run it in a directory on a disk: " + here + " is in memory");
    const Disk disk{"swap", here};
    subvolume(disk / "s");
    subvolume(disk / "s/nested");
    {
        const Swap swap{disk / "s/swapfile"};
        CHECK_THAT(refusal({disk / "s"}),
                   ContainsSubstring("cannot snapshot " + disk / "s") && ContainsSubstring("swapoff " + disk / "s/swapfile"));
    }
    CHECK(fs::is_empty(disk / ".igotchuu"));
    const Swap swap{disk / "s/nested/swapfile"};
    in_namespace([&] {
        const Scratch scratch;
        auto snapshots = take({disk / "s"}, scratch);
        must(snapshots.trees().size() == 1 && snapshots.census().left_out == 1, "the nested one is left out");
        must(snapshots.census().left_out_why.at(0).contains(disk / "s/nested/swapfile"), "and the swap file is named");
        snapshots.remove();
        const auto is_excluded = [&](const std::string &path) { return path == disk / "s/nested"; };
        btrfs::Snapshots without{std::vector{disk / "s"}, run_name(), scratch.path(), no_limit, {}, is_excluded};
        must(without.trees().size() == 1 && without.census().left_out == 0, "who excludes it misses nothing");
        without.remove();
    });
}

TEST_CASE("a directory inside a subvolume, and a bind mount of one, show what is theirs, with the subvolumes below them only")
{
    const Disk disk;
    subvolume(disk / "persist");
    fs::create_directories(disk / "persist/home/deep");
    fs::create_directories(disk / "persist/homestead");
    subvolume(disk / "persist/home/deep/mine");
    subvolume(disk / "persist/homestead/not-mine");
    write(disk / "persist/home/file", "frozen");
    write(disk / "persist/home/deep/mine/file", "nested");
    fs::create_directory("/srv/igotchuu-test-bind");
    run({"mount", "--bind", disk / "persist/home", "/srv/igotchuu-test-bind"});
    for (const std::string &source : {disk / "persist/home", std::string{"/srv/igotchuu-test-bind"}}) {
        in_namespace([&] {
            const Scratch scratch;
            auto snapshots = take({source}, scratch);
            write(source + "/file", "changed");
            View view{shows(snapshots), {}, scratch};
            must(read(source + "/file") == "frozen", "the directory is frozen");
            must(read(source + "/deep/mine/file") == "nested", "what is below it is there");
            must(snapshots.census().snapshots == 2 && snapshots.census().left_out == 0, "and nothing else");
            view.unmount();
            snapshots.remove();
            write(source + "/file", "frozen");
        });
    }
    run({"umount", "/srv/igotchuu-test-bind"});
    fs::remove("/srv/igotchuu-test-bind");
}

TEST_CASE("two sources on one subvolume share its snapshot; two file systems are two instants, and say so")
{
    const Disk disk, other{"other"};
    fs::create_directory(disk / "a");
    fs::create_directory(disk / "b");
    in_namespace([&] {
        const Scratch scratch;
        auto shared = take({disk / "a", disk / "b"}, scratch);
        must(shared.census().snapshots == 1 && shared.trees().size() == 2, "one snapshot, two trees");
        shared.remove();
        auto apart = take({disk / "a", other.path()}, scratch);
        View view{shows(apart), {}, scratch};
        must(apart.census().snapshots == 2 && apart.census().instants == 2, "two instants");
        view.unmount();
        apart.remove();
    });
}

TEST_CASE("the top-level subvolume as a source names our pool, and never counts our own snapshots as nested")
{
    const Disk disk;
    subvolume(disk / "nested");
    Play first{[&](const Actor &actor) {
        const Scratch scratch;
        auto snapshots = take({disk.path()}, scratch);
        actor.meet();
        snapshots.remove();
    }};
    first.meet();
    in_namespace([&] {
        const Scratch scratch;
        auto snapshots = take({disk.path()}, scratch);
        must(snapshots.census().snapshots == 2 && snapshots.census().read_only_left_out == 0, "only the nested one and itself");
        must(snapshots.census().own_pools == std::vector{disk / ".igotchuu"}, "the pool is named");
        View view{shows(snapshots), {}, scratch};
        must(fs::exists(disk / "nested"), "the view is whole");
        view.unmount();
        snapshots.remove();
    });
    first.go_on();
    first.finish();
    CHECK(fs::is_empty(disk / ".igotchuu"));
}

TEST_CASE("a source that is not there, is a link, or lies on a file system without snapshots, is refused in words")
{
    const Disk disk;
    fs::create_directory(disk / "real");
    fs::create_directory_symlink(disk / "real", disk / "link");
    CHECK_THAT(refusal({disk / "missing"}), ContainsSubstring("missing: No such file"));
    CHECK_THAT(refusal({disk / "link"}), ContainsSubstring("is a symbolic link") && ContainsSubstring(disk / "real"));
    CHECK_THAT(refusal({"/run/igotchuu"}),
               ContainsSubstring("cannot snapshot /run/igotchuu: it lies on tmpfs and no longer on btrfs"));
    run({"mount", "-o", "remount,ro", disk.path()});
    CHECK_THAT(refusal({disk / "real"}), ContainsSubstring("is read-only"));
    CHECK_THROWS(write(disk / "real/file", "the file system was made writable again"));
}

TEST_CASE("another file system below a source is named; a mount of what is there anyway is not")
{
    const Disk disk, other{"other"};
    subvolume(disk / "home");
    subvolume(disk / "home/nested");
    for (const auto *name : {"Videos", "memory", "kept", "source", "live"})
        fs::create_directory(disk / "home/" + name);
    run({"mount", "--bind", other.path(), disk / "home/Videos"});
    run({"mount", "--bind", other.path(), disk / "home/source"});
    run({"mount", "--bind", other.path(), disk / "home/live"});
    run({"mount", "-t", "tmpfs", "tmpfs", disk / "home/memory"});
    run({"mount", "--bind", disk / "home/kept", disk / "home/kept"});
    run({"mount", "--bind", disk / "home/nested", disk / "home/nested"});
    in_namespace([&] {
        const Scratch scratch;
        const std::vector sources{disk / "home", disk / "home/source"};
        Job job;
        job.live = {disk / "home/live", disk / "home/nested", disk / "home/away", disk / "elsewhere"};
        const StopRequest stop;
        const auto mark = run_name();
        igotchuu::Snapshots snapshots{{sources, mark, scratch.path(), job, stop}};
        must(snapshots.other_file_systems() == std::vector{disk / "home/Videos"}, "Videos alone is named");
        must(snapshots.in_memory() == std::vector{disk / "home/memory"}, "what is in memory is told apart");
        must(snapshots.live() == std::vector{disk / "home/live"}, "what the job asks for is in");
        must(snapshots.not_mounted() == std::vector{disk / "home/away"}, "or named");
        snapshots.remove();
    });
    run({"umount", disk / "home/Videos", disk / "home/source", disk / "home/live", disk / "home/memory", disk / "home/kept",
         disk / "home/nested"});
}

TEST_CASE("nested subvolumes over the limit are left out and counted, and the rest is there")
{
    const Disk disk;
    subvolume(disk / "home");
    for (const char *name : {"a", "b", "b/c", "d"})
        subvolume(disk / "home/" + name);
    in_namespace([&] {
        const Scratch scratch;
        auto snapshots = take({disk / "home"}, scratch, 2);
        must(snapshots.trees().size() == 3 && snapshots.census().over_limit == 2, "two are in, two are over the limit");
        View{shows(snapshots), {}, scratch}.unmount();
        snapshots.remove();
    });
}

TEST_CASE("what is kept is opened again as it was, in its places, and goes only when it is told to")
{
    const Disk disk;
    subvolume(disk / "home");
    subvolume(disk / "home/work");
    write(disk / "home/file", "frozen");
    write(disk / "home/work/file", "frozen too");
    const auto subvolumes_before = disk.subvolumes();

    Play play{[&](const Actor &) {
        const Scratch scratch;
        const std::vector sources{disk / "home"};
        const auto run = run_name();
        std::vector<KeptTree> trees;
        {
            btrfs::Snapshots snapshots{sources, run, scratch.path(), no_limit};
            for (const auto &tree : snapshots.trees())
                trees.push_back({.source = tree.source, .below = tree.below, .method = "btrfs", .place = tree.place});
            snapshots.keep();
        }
        write(disk / "home/file", "changed");
        write(disk / "home/work/file", "changed too");
        const Adoption adoption{trees, run, scratch.path()};
        {
            btrfs::Snapshots again{adoption};
            must(again.free_percent() > 10 && again.free_percent() <= 100, "a new file system has space");
            View view{shows(again), {}, scratch};
            again.hide();
            must(read(disk / "home/file") == "frozen", "the source is as it was");
            must(read(disk / "home/work/file") == "frozen too", "the nested subvolume is in its place, as it was");
            view.unmount();
        }
        must(disk.subvolumes().contains(run), "what was opened stays");
        btrfs::Snapshots{adoption}.remove();
        must(disk.subvolumes() == subvolumes_before, "what is removed is gone");
        bool is_gone = false;
        try {
            const btrfs::Snapshots none{adoption};
        } catch (const SnapshotGone &) {
            is_gone = true;
        }
        must(is_gone, "what is gone is called so");
    }};
    play.finish();
}
