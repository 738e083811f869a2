#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While restic reads, the host unmounts the source: the backup is that of the instant, and the disk is free when the run is over. A user who has a
# file of the snapshot open does not keep it from being deleted.
. "$(dirname "$0")/stage.sh"

mkdir -p /srv/d
truncate --size 600M "$stage/disk"
mkfs.btrfs --quiet --force "$stage/disk"
mount -o loop "$stage/disk" /srv/d
device=$(findmnt --noheadings --output SOURCE --nofsroot /srv/d)
head --bytes 150M /dev/urandom >/srv/d/big
sum=$(sha256sum </srv/d/big)
job d <<<$'sources = ["/srv/d"]\nrestic-args = ["--limit-upload", "50000"]'
reload
systemctl start --no-block igotchuu@d
wait_for_phase d restic
umount /srv/d
wait_for_state igotchuu@d inactive
assert_outcome d success
[ "$(default_restic dump latest /srv/d/big | sha256sum)" = "$sum" ] || fail 'the backup is not what was there'
! losetup "$device" >/dev/null 2>&1 || [ -z "$(losetup --noheadings --list --output BACK-FILE "$device" | grep stage/disk)" ] || fail 'the disk is still busy'

mount -o loop "$stage/disk" /srv/d
echo more >>/srv/d/big
remember_host
systemctl start --no-block igotchuu@d
wait_for_phase d restic
mkdir -p /mnt/top && mount -o subvolid=5 "$(findmnt --noheadings --output SOURCE --nofsroot /srv/d)" /mnt/top
exec {held}<"$(echo /mnt/top/.igotchuu/d:*/0/snapshot/big)"
umount --lazy /mnt/top
wait_for_state igotchuu@d inactive
assert_outcome d success
assert_host_as_before
[ "$(sha256sum <&$held)" = "$(sha256sum </srv/d/big)" ] || fail 'the open file does not read on'
exec {held}<&-
