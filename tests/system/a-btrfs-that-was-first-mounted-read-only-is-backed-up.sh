#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The first mount of a btrfs is read-only, and that of the source, later, is not: snapshots are taken and go again.
. "$(dirname "$0")/stage.sh"
undo() { umount --lazy /mnt/ref; losetup --detach "$device"; }

truncate --size 300M "$stage/first.btrfs"
mkfs.btrfs --quiet "$stage/first.btrfs"
device=$(losetup --find --show "$stage/first.btrfs")
mkdir -p /mnt/top /mnt/ref /srv/d
mount "$device" /mnt/top
btrfs --quiet subvolume create /mnt/top/ref
btrfs --quiet subvolume create /mnt/top/home
umount /mnt/top
mount -o ro,subvol=ref "$device" /mnt/ref
mount -o rw,subvol=home "$device" /srv/d
echo x >/srv/d/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
remember_host
systemctl start igotchuu@d || fail "$(last d .message)"
assert_outcome d success
[ "$(on_r dump latest /srv/d/file)" = x ] || fail 'it is not in the backup'
assert_host_as_before
[ -z "$(btrfs subvolume list -o /srv/d)" ] || fail 'a snapshot is left'
