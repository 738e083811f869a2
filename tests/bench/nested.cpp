// SPDX-License-Identifier: MIT
// tools/machine run -- bash -c 'ninja -C /build tests/bench/bench-nested && /build/tests/bench/bench-nested'
//
// A source with nested subvolumes: milliseconds to list, snapshot, mount, unmount and delete them; beside it the snapshots and deletions one by one,
// in one directory, as a script would do them.
#include "exec/snapshot/btrfs-ioctl.hpp"
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

using namespace igotchuu;
using namespace igotchuu::stage;

namespace
{

double milliseconds(const std::function<void()> &work)
{
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>{std::chrono::steady_clock::now() - began}.count();
}

Fd open_directory(const std::string &path)
{
    Fd directory{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open {}", path);
    return directory;
}

void make_subvolume(const Fd &parent, const std::string &name)
{
    btrfs_ioctl_vol_args_v2 args{};
    std::ranges::copy(name, args.name);
    if (ioctl(parent.get(), BTRFS_IOC_SUBVOL_CREATE_V2, &args) < 0)
        fail(errno, "cannot create {}", name);
}

void one_by_one(const Disk &disk, int count)
{
    const Fd top = open_directory(disk.path());
    must(mkdirat(top.get(), "naive", 0700) == 0, "a directory is made");
    const Fd pool = open_directory(disk / "naive");
    const double taking = milliseconds([&] {
        for (int i = 0; i < count; ++i) {
            const Fd origin = open_directory(disk / std::format("home/{}", i));
            must(btrfs::create_snapshot(origin, pool, std::to_string(i)) == 0, "a snapshot is taken");
        }
    });
    const double deleting = milliseconds([&] {
        for (int i = 0; i < count; ++i)
            must(btrfs::destroy_snapshot(pool, std::to_string(i)) == 0, "a snapshot is deleted");
    });
    std::printf("| %d, one by one | | %.1f | | | %.1f | %.2f s |\n", count, taking, deleting, (taking + deleting) / 1000);
}

void measure(int count)
{
    const Disk disk{"bench", "/tmp", 8192};
    const Fd top = open_directory(disk.path());
    make_subvolume(top, "home");
    const Fd home = open_directory(disk / "home");
    for (int i = 0; i < count; ++i)
        make_subvolume(home, std::to_string(i));
    in_namespace([&] {
        const Scratch scratch;
        std::optional<btrfs::Snapshots> snapshots;
        std::optional<View> view;
        const double listing = milliseconds([&] { static_cast<void>(btrfs::subvolumes(top)); });
        const double taking =
            milliseconds([&] { snapshots.emplace(std::vector{disk / "home"}, run_name(), scratch.path(), 20'000); });
        must(snapshots->trees().size() == static_cast<std::size_t>(count) + 1, "all are taken");
        const double mounting = milliseconds([&] { view.emplace(shows(*snapshots), Keep{}, scratch); });
        const double unmounting = milliseconds([&] { view->unmount(); });
        const auto transactions = snapshots->census().instants;
        const double deleting = milliseconds([&] { snapshots->remove(); });
        std::printf("| **%d** (%u transactions) | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f s |\n", count, transactions, listing,
                    taking, mounting, unmounting, deleting, (listing + taking + mounting + unmounting + deleting) / 1000);
        std::fflush(stdout); // this is a child
    });
    if (count > 0)
        one_by_one(disk, count);
}

} // namespace

int main()
{
    std::puts("| nested subvolumes | list | snapshot | mount | unmount | delete | together |\n| --- | --- | --- | --- | --- | --- "
              "| --- |");
    std::fflush(stdout);
    for (const int count : {0, 100, 1000, 9900}) { // two descriptors each, and the machine has 20,000
        measure(count);
        std::fflush(stdout);
    }
}
