// SPDX-License-Identifier: MIT
#include "exec/lock.hpp"
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

using namespace igotchuu;
using namespace igotchuu::stage;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

TEST_CASE("a source that root moves, removes or covers on the way is noticed, and is unmounted all the same")
{
    const Disk disk;
    fs::create_directories(disk / "srv/home");
    const auto before = mounts();
    std::function<void()> on_the_host;
    SECTION("moved")
    {
        on_the_host = [&] { fs::rename(disk / "srv/home", disk / "srv/away"); };
    }
    SECTION("moved, and a link in its place")
    {
        on_the_host = [&] {
            fs::rename(disk / "srv/home", disk / "srv/away");
            fs::create_directory_symlink(disk / "srv/away", disk / "srv/home");
        };
    }
    SECTION("removed")
    {
        on_the_host = [&] { fs::remove(disk / "srv/home"); };
    }
    Play play{[&](const Actor &actor) {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "srv/home"}, run_name(), scratch.path(), 10};
        const auto mounts_before = mounts();
        View view{shows(snapshots)};
        view.verify();
        actor.meet();
        must(thrown_by([&] { view.verify(); }).contains("no longer leads to its snapshot"), "it is noticed");
        if (fs::exists(disk / "srv/away")) // one whose mount point was removed is unmounted by the kernel
            view.unmount();
        must(mounts() == mounts_before, "it is unmounted");
        snapshots.remove();
    }};
    play.meet();
    on_the_host();
    play.go_on();
    play.finish();
    CHECK(mounts() == before);
}

TEST_CASE("a source below a directory that a user can change is refused in words, with nothing mounted and no snapshot left")
{
    const Disk disk;
    fs::create_directories(disk / "home/alice/photos");
    fs::create_directories(disk / "shared/x");
    fs::create_directories(disk / "tmp/x");
    REQUIRE(chown((disk / "home/alice").c_str(), 1000, 1000) == 0);
    REQUIRE(chown((disk / "tmp/x").c_str(), 1000, 1000) == 0);
    REQUIRE(chmod((disk / "shared").c_str(), 0775) == 0);
    REQUIRE(chmod((disk / "tmp").c_str(), 01777) == 0);
    const auto refusal_of = [&](const std::string &source) {
        Play play{[&](const Actor &) {
            const Scratch scratch;
            const btrfs::Snapshots snapshots{std::vector{source}, run_name(), scratch.path(), 10};
            const auto mounts_before = mounts();
            const auto text = thrown_by([&] { const View view{shows(snapshots)}; });
            must(mounts() == mounts_before, "nothing is mounted");
            throw Failure{text};
        }};
        return thrown_by([&] { play.finish(); });
    };
    CHECK_THAT(refusal_of(disk / "home/alice/photos"),
               ContainsSubstring("lies below " + disk / "home/alice") && ContainsSubstring("uid 1000"));
    CHECK_THAT(refusal_of(disk / "shared/x"), ContainsSubstring("lies below " + disk / "shared"));
    CHECK_THAT(refusal_of(disk / "tmp/x"), ContainsSubstring("can be renamed by uid 1000"));
    CHECK(fs::is_empty(disk / ".igotchuu"));
    in_namespace([&] { // what belongs to a user is fine, where its parents are root's
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home/alice"}, run_name(), scratch.path(), 10};
        View{shows(snapshots)}.unmount();
        snapshots.remove();
    });
}

TEST_CASE("a view whose second source cannot be shown takes its first one away again")
{
    const Disk disk;
    fs::create_directories(disk / "good");
    fs::create_directories(disk / "open/bad");
    REQUIRE(chmod((disk / "open").c_str(), 0777) == 0);
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "good", disk / "open/bad"}, run_name(), scratch.path(), 10};
        const auto mounts_before = mounts();
        thrown_by([&] { const View view{shows(snapshots)}; });
        must(mounts() == mounts_before, "nothing is mounted any more");
        snapshots.remove();
    });
}

TEST_CASE("a view has no setuid, no devices and no programs")
{
    const Disk disk;
    fs::create_directory(disk / "home");
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), 10};
        View view{shows(snapshots)};
        must(mounts().contains(' ' + disk / "home" + " ro,nosuid,nodev,noexec"), "all four are set");
        view.unmount();
        snapshots.remove();
    });
}

TEST_CASE("a directory that is no stub of a subvolume is not mounted over")
{
    const Disk disk;
    fs::create_directories(disk / "home/plain");
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), 10};
        auto wrong = shows(snapshots);
        const std::string below = "plain", link = "../..";
        wrong.push_back({wrong[0].source, below, wrong[0].root});
        must(thrown_by([&] { const View view{wrong}; }).contains("not the place of a nested subvolume"), "it is refused");
        const std::vector<Show> upwards{wrong[0], {wrong[0].source, link, wrong[0].root}};
        must(thrown_by([&] { const View view{upwards}; }).contains("cannot reach"), "nor is anything above");
        snapshots.remove();
    });
}

TEST_CASE("what the host unmounts goes from a running backup's namespace too, and the view stays")
{
    const Disk disk, stick{"stick"};
    run({"btrfs", "subvolume", "create", disk / "home"});
    write(disk / "home/file", "frozen");
    Play play{[&](const Actor &actor) {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), 10};
        View view{shows(snapshots)};
        must(mounts().contains(stick.path()), "the stick is there at first");
        actor.meet();
        must(!mounts().contains(stick.path()), "and is gone");
        view.verify();
        must(read(disk / "home/file") == "frozen", "the view stays");
        view.unmount();
        snapshots.remove();
    }};
    play.meet();
    run({"umount", stick.path()});
    play.go_on();
    play.finish();
}

TEST_CASE("an exclusive lock keeps all others out, shared ones each other in, and a dead holder nobody")
{
    fs::create_directories("/run/igotchuu/lock");
    {
        const auto first = Lock::try_take("test", LockKind::exclusive);
        REQUIRE(first);
        CHECK_FALSE(Lock::try_take("test", LockKind::exclusive));
        CHECK_FALSE(Lock::try_take("test", LockKind::shared));
        CHECK(Lock::try_take("test-other", LockKind::exclusive));
    }
    const auto one = Lock::try_take("test", LockKind::shared);
    CHECK(Lock::try_take("test", LockKind::shared));
    CHECK_FALSE(Lock::try_take("test", LockKind::exclusive));
    for (const auto *name : {"", "..", "a/b"})
        CHECK_THROWS(Lock::try_take(name, LockKind::shared));
    fs::create_symlink("/etc/igotchuu-planted", "/run/igotchuu/lock/test-link");
    CHECK_THROWS(Lock::try_take("test-link", LockKind::exclusive));
    CHECK_FALSE(fs::exists("/etc/igotchuu-planted"));
    fs::remove("/run/igotchuu/lock/test-link");
}
