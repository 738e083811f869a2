// SPDX-License-Identifier: MIT
#include "job/mount-table.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

MountTable table(std::string_view mountinfo)
{
    const LittleRoot root;
    return MountTable{root.write("/mountinfo", mountinfo).c_str()};
}

} // namespace

TEST_CASE("what is mounted below a source is named once, but for what shows there anyway")
{
    const auto mounts = table("21 1 0:20 / / rw - btrfs /dev/sda1 rw\n"
                              "23 21 0:20 /home /home rw - btrfs /dev/sda1 rw\n"
                              "24 23 0:20 /home/nested /home/nested rw - btrfs /dev/sda1 rw\n"
                              "25 24 8:1 / /home/nested/usb\\040disk rw - ext4 /dev/sdb1 rw\n"
                              "26 25 8:2 / /home/nested/usb\\040disk/out\\040of\\040sight rw - ext4 /dev/sdc1 rw\n"
                              "27 23 8:3 / /home/nested rw - ext4 /dev/sdd1 rw\n"
                              "28 23 0:30 / /home/memory rw - tmpfs tmpfs rw\n"
                              "29 23 0:31 / /home/proc rw - proc proc rw\n"
                              "30 23 0:32 / /home/mine rw - fuse.sshfs nas rw\n"
                              "31 23 0:33 /systemd-private-1/tmp /home/tmp rw - tmpfs tmpfs rw\n"
                              "32 23 0:34 /systemd/inaccessible/dir /home/modules rw - tmpfs tmpfs rw\n");
    CHECK(mounts.others_below("/home", 23) ==
          std::vector<MountTable::Other>{
              {"/home/memory", true}, {"/home/mine", false}, {"/home/nested", false}, {"/home/nested/usb disk", false}});
    CHECK(mounts.at(25).target == "/home/nested/usb disk");
}

TEST_CASE("what a unit mounts on itself is what it was before")
{
    const auto mounts = table("21 21 0:20 / / rw - btrfs /dev/sda1 rw\n"
                              "23 21 0:20 /home /home ro - btrfs /dev/sda1 rw\n"
                              "24 23 0:20 /home/one /home/one rw - btrfs /dev/sda1 rw\n"
                              "25 21 0:20 /@other /srv rw - btrfs /dev/sda1 rw\n"
                              "26 25 8:1 / /srv/disk rw - ext4 /dev/sdb1 rw\n");
    CHECK(mounts.real(mounts.at(21)).id == 21);
    CHECK(mounts.real(mounts.at(24)).id == 21);
    CHECK(mounts.real(mounts.at(25)).id == 25);
    CHECK(mounts.real(mounts.at(26)).id == 26);
}

TEST_CASE("an automount is named, mounted or not, and so is a disk that is mounted on something in memory")
{
    const auto mounts = table("21 1 0:20 / / rw - btrfs /dev/sda1 rw\n"
                              "22 21 0:40 / /home/asleep rw - autofs systemd-1 rw\n"
                              "23 21 0:41 / /home/nas rw - autofs systemd-1 rw\n"
                              "24 23 0:42 / /home/nas rw - nfs4 nas:/x rw\n"
                              "25 21 0:43 / /home/memory rw - tmpfs tmpfs rw\n"
                              "26 25 8:1 / /home/memory/disk rw - ext4 /dev/sdb1 rw\n"
                              "27 21 0:44 / /proc rw - proc proc rw\n"
                              "28 27 0:45 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n"
                              "29 21 0:46 / /run rw - tmpfs tmpfs rw\n"
                              "30 29 0:47 / /run/user/1000/doc rw - fuse.portal portal rw\n");
    CHECK(mounts.others_below("/", 21) ==
          std::vector<MountTable::Other>{
              {"/home/asleep", false}, {"/home/memory", true}, {"/home/memory/disk", false}, {"/home/nas", false}, {"/run", true}});
}

TEST_CASE("who looks into a snapshot of zfs makes no file system that is missing in the backup")
{
    const auto mounts = table("21 1 0:20 / / rw - zfs tank/Hello\\040World rw\n"
                              "22 21 0:40 / /.zfs/snapshot/monday ro - zfs tank/Hello\\040World@monday ro\n"
                              "23 21 0:41 / /srv ro - zfs tank/other@monday ro\n");
    CHECK(mounts.others_below("/", 21) == std::vector<MountTable::Other>{{"/srv", false}});
    CHECK(mounts.at(21).source == "tank/Hello World");
}

TEST_CASE("mounts that are each other's parents are searched to an end")
{
    CHECK(table("30 30 0:20 /home /home rw - btrfs /dev/sda1 rw\n").others_below("/", 30).empty());
    CHECK(table("30 31 0:20 /home /home rw - btrfs /dev/sda1 rw\n"
                "31 30 0:20 /home /home rw - btrfs /dev/sda1 rw\n")
              .others_below("/", 30)
              .empty());
}

TEST_CASE("a disk that fstab has on the way to a path, and that is not mounted, is named")
{
    const LittleRoot root;
    const auto fstab = root.write("/fstab", "# comment\n/dev/sda1 / btrfs defaults 0 0\n/dev/sda2 none swap sw 0 0\n"
                                            "UUID=1 /mnt/usb ext4 noauto,nofail 0 0\nUUID=2 /mnt/my\\040disk/ ext4 noauto 0 0\n"
                                            "UUID=3 /mnt/here ext4 defaults 0 0\n");
    const auto mounts = table("21 1 0:20 / / rw - btrfs /dev/sda1 rw\n22 21 8:1 / /mnt/here rw - ext4 /dev/sdb1 rw\n");
    const auto above = [&](std::string_view path) { return unmounted_above(path, mounts, fstab.c_str()); };
    CHECK(above("/mnt/usb/restic") == "/mnt/usb");
    CHECK(above("/mnt/usb") == "/mnt/usb");
    CHECK(above("/mnt/my disk/restic") == "/mnt/my disk");
    CHECK(above("/mnt/usb2/restic").empty());
    CHECK(above("/mnt/here/restic").empty());
    CHECK(unmounted_above("/mnt/usb", mounts, "/nowhere").empty());
}
