// SPDX-License-Identifier: MIT
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>

using namespace igotchuu;
using namespace igotchuu::stage;
namespace fs = std::filesystem;

namespace
{

constexpr std::uint32_t no_limit = 20'000;

Fd open_directory(const Fd &parent, const std::string &name)
{
    Fd directory{openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open {}", name);
    return directory;
}

void make_subvolume(const Fd &parent, const std::string &name)
{
    btrfs_ioctl_vol_args_v2 args{};
    std::ranges::copy(name, args.name);
    if (ioctl(parent.get(), BTRFS_IOC_SUBVOL_CREATE_V2, &args) < 0)
        fail(errno, "cannot create {}", name);
}

} // namespace

TEST_CASE("a name of 255 bytes, and one that is no UTF-8, are in the view as they are")
{
    const Disk disk;
    const std::string longest(255, 'x'), odd = "n\xff\n \x1b[2J";
    const Fd top{open(disk.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    make_subvolume(top, "caf\xe9");
    const auto source = disk / "caf\xe9";
    const Fd home = open_directory(top, "caf\xe9");
    for (const auto &name : {longest, odd}) {
        make_subvolume(home, name);
        write(source + '/' + name + "/file", name);
    }
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{source}, run_name(), scratch.path(), no_limit};
        View view{shows(snapshots), {}, scratch};
        for (const auto &name : {longest, odd})
            must(read(source + '/' + name + "/file") == name, "it is there");
        view.verify();
        view.unmount();
        snapshots.remove();
    });
}

TEST_CASE("300 subvolumes, each in the one before, with names that make the path 75,000 bytes long, are all in the view")
{
    const Disk disk;
    const std::string name(250, 'd');
    Fd at{open(disk.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (int i = 0; i < 300; ++i) {
        make_subvolume(at, name);
        at = open_directory(at, name);
    }
    at = {};
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / name}, run_name(), scratch.path(), no_limit};
        must(snapshots.census().snapshots == 300, std::format("{} subvolumes", snapshots.census().snapshots));
        must(snapshots.census().left_out == 0, "none is left out");
        View view{shows(snapshots), {}, scratch};
        Fd in{open((disk / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        for (int i = 1; i < 300; ++i) {
            in = open_directory(in, name);
            struct stat status{};
            must(fstat(in.get(), &status) == 0 && status.st_ino == 256,
                 std::format("the snapshot of number {} is in its place", i));
        }
        view.unmount();
        in = {};
        snapshots.remove();
    });
}

TEST_CASE("a subvolume deep in plain directories is in the view as far as the kernel can name its place, and counted beyond")
{
    const Disk disk;
    const Fd top{open(disk.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    make_subvolume(top, "home");
    Fd at = open_directory(top, "home");
    const std::string name(254, 'p');
    std::string path;
    const auto deeper = [&] {
        must(mkdirat(at.get(), name.c_str(), 0755) == 0, "a directory is made");
        at = open_directory(at, name);
        path += name + '/';
    };
    while (path.size() < 4000) // 4,080 with the next: the subvolume's own path is over PATH_MAX
        deeper();
    path.resize(path.size() - name.size() - 1);
    at = open_directory(at, "..");
    const std::string last(240, 'q'), subvolume(255, 's');
    must(mkdirat(at.get(), last.c_str(), 0755) == 0, "a directory is made");
    make_subvolume(open_directory(at, last), subvolume);
    const auto reachable = path + last + '/' + subvolume;
    at = open_directory(at, name);
    deeper();
    make_subvolume(at, "too deep");
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), no_limit};
        must(snapshots.trees().size() == 2 && snapshots.trees()[1].below == reachable, "the first is there");
        must(snapshots.census().left_out == 1 && snapshots.census().left_out_why.at(0).contains("too deep"),
             "the second is counted");
        View{shows(snapshots), {}, scratch}.unmount();
        snapshots.remove();
    });
}

TEST_CASE("1,000 nested subvolumes in one directory are all in the view, and all gone afterwards")
{
    const Disk disk;
    const Fd top{open(disk.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    make_subvolume(top, "home");
    const Fd home = open_directory(top, "home");
    for (int i = 0; i < 1000; ++i)
        make_subvolume(home, std::to_string(i));
    const auto before = disk.subvolumes();
    in_namespace([&] {
        const Scratch scratch;
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), no_limit};
        must(snapshots.census().snapshots == 1001 && snapshots.census().left_out == 0, "all are taken");
        View view{shows(snapshots), {}, scratch};
        for (int i = 0; i < 1000; ++i) {
            struct stat status{};
            must(stat((disk / "home/" + std::to_string(i)).c_str(), &status) == 0 && status.st_ino == 256, "it is in its place");
        }
        view.unmount();
        snapshots.remove();
    });
    CHECK(disk.subvolumes() == before);
}

TEST_CASE(
    "thousands of nested subvolumes, with the longest of names, while a user makes and deletes some: none that stayed is missing")
{
    const Disk disk{"disk", "/tmp", 8192};
    const Fd top{open(disk.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    make_subvolume(top, "home");
    const Fd home = open_directory(top, "home");
    constexpr int count = 9'900; // two descriptors each, and the machine has 20,000
    const auto name_of = [](int i) { return std::format("{}\xff{:0>240}", i, 'x'); };
    must(name_of(1234).size() == 245 && mkdirat(home.get(), "user", 0700) == 0, "the names are long");
    for (int i = 0; i < count; ++i)
        make_subvolume(home, name_of(i));
    run({"chown", "1000", disk / "home/user"});
    Process user{[&] {
        must(setresuid(1000, 1000, 1000) == 0, "it is a user");
        const Fd own = open_directory(home, "user");
        for (unsigned i = 0;; ++i) {
            make_subvolume(own, std::format("{:u>255}", i % 50));
            unlinkat(own.get(), std::format("{:u>255}", (i + 25) % 50).c_str(), AT_REMOVEDIR);
        }
    }};
    in_namespace([&] {
        const Scratch scratch;
        const auto began = std::chrono::steady_clock::now();
        btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), no_limit};
        const auto &census = snapshots.census();
        View view{shows(snapshots), {}, scratch};
        for (const auto &why : census.left_out_why)
            std::puts(why.c_str());
        const Fd seen{open((disk / "home").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        for (int i = 0; i < count; ++i) {
            struct stat status{};
            must(fstatat(seen.get(), name_of(i).c_str(), &status, 0) == 0 && status.st_ino == 256, "it is in its place");
        }
        view.unmount();
        snapshots.remove();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        std::printf("%u subvolumes in %u transactions, %u left out, %.1f s\n", census.snapshots, census.instants, census.left_out,
                    took.count());
        std::fflush(stdout);
    });
    user.kill_and_wait();
    CHECK(fs::is_empty(disk / ".igotchuu"));
}

TEST_CASE("a user who swaps directories for links while snapshots are taken and mounted gets nothing mounted outside of the view")
{
    const Disk disk;
    run({"btrfs", "subvolume", "create", disk / "home"});
    fs::create_directories(disk / "home/alice/x");
    run({"btrfs", "subvolume", "create", disk / "home/alice/x/bin"});
    fs::create_directory_symlink("/usr", disk / "home/alice/y");
    Process attacker{[&] {
        const Fd alice{open((disk / "home/alice").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        for (;;)
            renameat2(alice.get(), "x", alice.get(), "y", RENAME_EXCHANGE);
    }};
    in_namespace([&] {
        unsigned shown = 0;
        for (int round = 0; round < 300; ++round) {
            const Scratch scratch;
            btrfs::Snapshots snapshots{std::vector{disk / "home"}, run_name(), scratch.path(), no_limit};
            View view{shows(snapshots), {}, scratch};
            std::istringstream lines{mounts()};
            for (std::string line; std::getline(lines, line);)
                if (line.contains("/bin "))
                    must(line.contains(' ' + disk / "home/alice/"), "nothing is mounted outside: " + line);
            shown += static_cast<unsigned>(snapshots.trees().size() - 1);
            must(snapshots.trees().size() == 2 || snapshots.census().left_out > 0, "what is not there is counted");
            view.verify();
            view.unmount();
            snapshots.remove();
        }
        must(shown > 0, "the nested subvolume was in the view at least once");
    });
}
