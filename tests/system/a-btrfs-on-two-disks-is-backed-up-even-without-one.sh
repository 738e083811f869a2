#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A btrfs that lies on two disks is backed up, also when one of them is lost and it is mounted degraded; read-only then, it is a failure that says so.
. "$(dirname "$0")/stage.sh"

truncate --size 300M "$stage/one" "$stage/two"
one=$(losetup --find --show "$stage/one")
two=$(losetup --find --show "$stage/two")
undo() { umount -l /srv/d; losetup --detach "$one" "$two"; }
mkfs.btrfs --quiet --force --data raid1 --metadata raid1 "$one" "$two"
mkdir -p /srv/d
mount "$one" /srv/d
btrfs --quiet subvolume create /srv/d/nested
echo both >/srv/d/nested/file
remember_host
systemctl start igotchuu@srv-d
assert_outcome srv-d success
assert_host_as_before

umount /srv/d
wipefs --quiet --all "$one"
btrfs device scan --forget
mount -o degraded "$two" /srv/d
echo one >/srv/d/nested/file
remember_host
systemctl start igotchuu@srv-d
assert_outcome srv-d success
[ "$(default_restic dump latest /srv/d/nested/file)" = one ] || fail 'it is not in the backup'
assert_host_as_before

mount -o remount,ro /srv/d
remember_host
! systemctl start igotchuu@srv-d 2>/dev/null || fail 'a snapshot on a read-only file system?'
assert_says "$(last srv-d .message)" 'is read-only'
assert_host_as_before
