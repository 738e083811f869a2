#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The embedded repository on a disk of its own, which is not mounted one day: the run fails and says so. It does not begin anew in the empty directory.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
systemctl start igotchuu@srv-d
mv $restic_repository "$stage/disk"
mkdir $restic_repository
mount --bind "$stage/disk" $restic_repository
systemctl start igotchuu@srv-d
assert_outcome srv-d success

umount $restic_repository
remember_host
! systemctl start igotchuu@srv-d 2>/dev/null || fail 'it began a new repository'
assert_outcome srv-d failed
assert_says "$(last srv-d .message)" "$restic_repository"
assert_says "$(last srv-d .message)" 'mounted?'
[ -z "$(find $restic_repository -mindepth 1)" ] || fail 'something was made in its place'
assert_host_as_before

mount --bind "$stage/disk" $restic_repository
systemctl start igotchuu@srv-d
assert_outcome srv-d success
[ "$(default_restic snapshots --json | jq length)" = 3 ] || fail 'the backups are not in one repository'
umount $restic_repository
