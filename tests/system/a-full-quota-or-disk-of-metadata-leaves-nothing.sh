#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A user whose quota is full is backed up all the same. A quota that the snapshot itself would exceed, and a disk with no room for metadata, fail the
# run with the reason, leave nothing, and the next run is good when there is room.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo kept >/srv/d/file
btrfs quota enable /mnt/top
btrfs quota rescan -w /mnt/top >/dev/null
head --bytes 5M /dev/urandom >/srv/d/big
sync --file-system /srv/d
btrfs qgroup limit 1M /srv/d
! head --bytes 5M /dev/urandom 2>/dev/null >/srv/d/more || fail 'the quota is not full: this test tests nothing'
rm -f /srv/d/more
systemctl start igotchuu@srv-d
assert_outcome srv-d success
btrfs qgroup limit none "0/$(btrfs inspect-internal rootid /srv/d)" /mnt/top # not by a path in what is full

remember_host
btrfs qgroup limit 16K 0/5 /mnt/top # what the top-level subvolume holds: our pool
! systemctl start igotchuu@srv-d 2>/dev/null || fail 'the quota was no limit: this test tests nothing'
assert_says "$(last srv-d .message)" 'a quota on the btrfs'
assert_host_as_before
btrfs qgroup limit none 0/5 /srv/d
systemctl start igotchuu@srv-d
assert_outcome srv-d success

mkdir -p /srv/m
truncate --size 120M "$stage/mixed"
mkfs.btrfs --quiet --force --mixed "$stage/mixed"
mount -o loop "$stage/mixed" /srv/m
echo kept >/srv/m/file
dd if=/dev/zero of=/srv/m/fill bs=64K status=none 2>/dev/null || true
for ((number = 0; number < 20000; number++)); do # small files are metadata
    printf '%01000d' 0 2>/dev/null >"/srv/m/$number" || break
done
((number < 20000)) || fail 'the disk is not full: this test tests nothing'
remember_host
systemctl start igotchuu@srv-m 2>/dev/null || assert_says "$(last srv-m .message)" 'no space is left on the btrfs'
assert_host_as_before
rm /srv/m/fill
systemctl start igotchuu@srv-m
assert_outcome srv-m success
[ "$(default_restic dump latest /srv/m/file)" = kept ] || fail 'the file is not in the backup'
