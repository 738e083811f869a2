// SPDX-License-Identifier: MIT
// The machine loses its power at a random instant of a run. What is on the disk is a sound file system; the next run finds its record whole, with all
// that was said before, takes away what the lost run left, and succeeds.
#include "job/error.hpp"
#include "tests/system/scene.hpp"

#include <catch2/catch_get_random_seed.hpp>
#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

using namespace igotchuu;
using namespace igotchuu::stage;
namespace fs = std::filesystem;
using std::chrono::steady_clock;

namespace
{

const std::string mount_point = "/srv/igotchuu-test-power", kept = "/var/lib/igotchuu";

/// A disk with all that outlives a power cut: the source and igotchuu's records. Its image lies in `directory`, on a btrfs, which can clone it in one
/// moment: only what the disk has acknowledged is in the clone, not what the kernel had still to write.
class PowerDisk
{
public:
    explicit PowerDisk(const std::string &directory) : image_{directory + "/power.btrfs"}
    {
        fs::create_directories(mount_point);
        run({"truncate", "--size=200M", image_});
        run({"mkfs.btrfs", "--quiet", image_});
        attach();
        fs::create_directories(mount_point + "/var/jobs");
        bind();
    }
    ~PowerDisk()
    {
        umount2(kept.c_str(), MNT_DETACH);
        umount2(mount_point.c_str(), MNT_DETACH);
    }
    PowerDisk(const PowerDisk &) = delete;
    PowerDisk &operator=(const PowerDisk &) = delete;

    /// What the disk holds at this moment, beside it.
    void cut() const
    {
        const Fd from{open(image_.c_str(), O_RDONLY | O_CLOEXEC)},
            to{open(lost().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        if (!from || !to || ioctl(to.get(), FICLONE, from.get()) < 0)
            fail(errno, "cannot clone {}", image_);
    }
    /// The machine boots with what cut() has kept. Throws when that is no sound file system.
    void come_back() const
    {
        if (umount2(kept.c_str(), 0) < 0 || umount2(mount_point.c_str(), 0) < 0)
            fail(errno, "cannot unmount {}", mount_point);
        fs::rename(lost(), image_);
        run({"btrfs", "check", "--readonly", image_});
        attach();
        bind();
    }

private:
    [[nodiscard]] std::string lost() const { return image_ + ".lost"; }
    void attach() const { run({"mount", "-o", "loop", image_, mount_point}); }
    static void bind()
    {
        if (mount((mount_point + "/var").c_str(), kept.c_str(), nullptr, MS_BIND, nullptr) < 0)
            fail(errno, "cannot show {}", kept);
    }
    std::string image_;
};

/// Cuts the power `at` after now, once.
class Cut
{
public:
    Cut(const PowerDisk &disk, steady_clock::duration at)
        : thread_{[&disk, at] {
              std::this_thread::sleep_for(at); // the instant is what is tested
              disk.cut();
          }}
    {
    }

private:
    std::jthread thread_;
};

bool something_is_left()
{
    return !fs::is_empty(mount_point + "/.igotchuu");
}

void cut_power(int times)
{
    std::mt19937 random{Catch::getSeed()};
    const Alone alone;
    const Disk outer{"outer"};
    const PowerDisk disk{outer.path()};
    const Scene scene{"power", mount_point, Restic::stand_in};
    const auto subvolumes = look(scene.subject()).subvolumes;
    auto completed = new_invocation();
    const auto began = steady_clock::now();
    REQUIRE(scene.backup(completed).exited_with(0));
    const auto takes = steady_clock::now() - began;

    int left = 0;
    for (int number = 0; number < times; ++number) {
        const auto lost = new_invocation();
        {
            const Cut cut{disk, takes * static_cast<int>(random() % 1100) / 1000};
            (void)scene.backup(lost);
        }
        REQUIRE_NOTHROW(disk.come_back());
        left += something_is_left() ? 1 : 0;
        const auto now = look(scene.subject());
        INFO("power cut " << number);
        CHECK(recorded(scene.subject(), completed).outcome == Outcome::success);
        completed = new_invocation();
        const auto next = scene.backup(completed);
        INFO(next.errors);
        CHECK(next.exited_with(0));
        CHECK(violations(scene.subject(), {now.mounts, subvolumes, now.journal_cursor}, {lost, true, true}) == "");
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
    std::cout << times << " power cuts, " << left << " of them left something; " << took.count() / times << " ms each\n";
    CHECK(left > times / 10); // else this test tests nothing
}

} // namespace

TEST_CASE("200 power cuts, each on what the one before has left")
{
    cut_power(200);
}

TEST_CASE("1,000 power cuts", "[.long]")
{
    cut_power(1000);
}
