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
        View view{shows(snapshots), {}, scratch};
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

TEST_CASE("what a user moves, links or removes on the way to a source changes nothing in its view")
{
    const Disk disk;
    const auto make = [&](const std::string &parent, uid_t owner, mode_t mode) {
        fs::create_directories(disk / parent + "/albums/photos");
        write(disk / parent + "/albums/photos/picture", "frozen");
        REQUIRE(chown((disk / parent).c_str(), owner, owner) == 0);
        REQUIRE(chown((disk / parent + "/albums").c_str(), owner, owner) == 0);
        REQUIRE(chmod((disk / parent).c_str(), mode) == 0);
    };
    make("home/alice", 1000, 0700);
    make("group", 0, 0775);
    make("tmp", 0, 01777);
    REQUIRE(chown((disk / "tmp/albums").c_str(), 1000, 1000) == 0);
    const auto before = mounts();
    for (const std::string parent : {"home/alice", "group", "tmp"}) {
        const auto source = disk / parent + "/albums/photos";
        struct stat owned{};
        REQUIRE(stat((disk / parent).c_str(), &owned) == 0);
        Play play{[&](const Actor &actor) {
            const Scratch scratch;
            btrfs::Snapshots snapshots{std::vector{source}, run_name(), scratch.path(), 10};
            const auto mounts_before = mounts();
            View view{shows(snapshots), {}, scratch};
            actor.meet();
            view.verify();
            must(read(source + "/picture") == "frozen", "the view is as it was");
            must(fs::is_empty(disk / parent + "/albums/photos") == false &&
                     std::distance(fs::directory_iterator{disk / parent}, {}) == 1,
                 "nothing but the way to the source is there");
            struct stat cover{};
            must(stat((disk / parent).c_str(), &cover) == 0 && cover.st_uid == owned.st_uid && cover.st_mode == owned.st_mode &&
                     cover.st_mtim.tv_nsec == owned.st_mtim.tv_nsec,
                 "the cover has owner, mode and time of what it covers");
            must(thrown_by([&] { write(disk / parent + "/planted", ""); }).contains("Read-only"), "and nobody writes in it");
            view.unmount();
            must(mounts() == mounts_before, "all of it is unmounted");
            snapshots.remove();
        }};
        play.meet();
        write(disk / parent + "/beside", "");
        fs::rename(disk / parent + "/albums", disk / parent + "/away");
        fs::create_directory_symlink("/etc", disk / parent + "/albums");
        play.go_on();
        play.finish();
    }
    CHECK(mounts() == before);
    CHECK(fs::is_empty(disk / ".igotchuu"));
}

TEST_CASE("sources may lie in one another, in any order, and each is shown in its place")
{
    const Disk disk, other{"other"};
    for (const auto *name : {"srv", "srv/nested", "srv/home"})
        run({"btrfs", "subvolume", "create", disk / name});
    fs::create_directories(disk / "srv/plain/deep");
    fs::create_directories(disk / "srv/other");
    run({"mount", "--bind", other.path(), disk / "srv/other"});
    for (const auto *name : {"srv", "srv/nested", "srv/home", "srv/plain/deep", "srv/other"})
        write(disk / name + "/file", name);
    in_namespace([&] {
        const Scratch scratch;
        const auto mounts_before = mounts();
        btrfs::Snapshots snapshots{std::vector{disk / "srv/plain/deep", disk / "srv/other", disk / "srv/home", disk / "srv"},
                                   run_name(), scratch.path(), 10};
        View view{shows(snapshots), {}, scratch};
        for (const std::string name : {"srv", "srv/nested", "srv/home", "srv/plain/deep", "srv/other"}) {
            must(read(disk / name + "/file") == name, name + " is in its place");
            must(thrown_by([&] { write(disk / name + "/file", ""); }).contains("Read-only"), name + " is frozen");
        }
        view.verify();
        view.unmount();
        snapshots.remove();
        must(mounts() == mounts_before, "nothing is left");
    });
    run({"umount", disk / "srv/other"});
}

TEST_CASE("what has to go on is live in a view, beside one, and through a mount that a view hides")
{
    const Disk disk, usb{"usb"};
    fs::create_directories(disk / "home/alice/photos");
    fs::create_directories(disk / "home/alice/repository");
    fs::create_directories(disk / "srv/usb");
    fs::create_directories(disk / "srv/state");
    fs::create_directories(usb / "repository");
    write(disk / "home/alice/password", "secret");
    run({"mount", "--bind", usb.path(), disk / "srv/usb"});
    REQUIRE(chown((disk / "home/alice").c_str(), 1000, 1000) == 0);
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home/alice/photos", disk / "srv"}, run_name(), scratch.path(), 10};
        const Keep keep{
            .live = {disk / "home/alice/repository", disk / "srv/usb/repository", disk / "srv/state", disk / "srv/absent"},
            .readable = {disk / "home/alice/password"}};
        View view{shows(snapshots), keep, scratch};
        for (const std::string name : {"home/alice/repository", "srv/usb/repository", "srv/state"})
            write(disk / name + "/written", name);
        must(read(disk / "home/alice/password") == "secret", "the password is there");
        must(view.not_frozen().directories == std::vector{disk / "srv/state"}, "one is to be left out as a whole");
        must(view.not_frozen().contents == std::vector{disk / "srv/usb"}, "one is a mount point");
        view.verify();
        view.unmount();
        snapshots.remove();
    });
    for (const std::string name : {"home/alice/repository", "srv/usb/repository", "srv/state"})
        CHECK(read(disk / name + "/written") == name);
    run({"umount", disk / "srv/usb"});
}

TEST_CASE("a view whose second source cannot be shown takes its first one away again")
{
    const Disk disk;
    fs::create_directories(disk / "good");
    fs::create_directories(disk / "users/gone");
    REQUIRE(chmod((disk / "users").c_str(), 0777) == 0);
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "good", disk / "users/gone"}, run_name(), scratch.path(), 10};
        const auto mounts_before = mounts();
        fs::remove(disk / "users/gone");
        must(thrown_by([&] { const View view{shows(snapshots), {}, scratch}; }).contains("users/gone"), "the source is named");
        fs::create_directory_symlink(disk / "good", disk / "users/gone");
        must(thrown_by([&] { const View view{shows(snapshots), {}, scratch}; }).contains("symbolic link"), "a link is no way");
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
        View view{shows(snapshots), {}, scratch};
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
        const auto placed = [&](const std::string &at) {
            return Tree{wrong[0]->source, at, open_without_links(wrong[0]->source, O_PATH)};
        };
        const Tree inside = placed("plain"), above = placed("../..");
        wrong.push_back(&inside);
        must(thrown_by([&] { const View view{wrong, {}, scratch}; }).contains("not the place of a nested subvolume"),
             "it is refused");
        const std::vector<const Tree *> upwards{wrong[0], &above};
        must(thrown_by([&] { const View view{upwards, {}, scratch}; }).contains("cannot reach"), "nor is anything above");
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
        View view{shows(snapshots), {}, scratch};
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
