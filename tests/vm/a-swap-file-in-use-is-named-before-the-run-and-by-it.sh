#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A swap file in use, in the source's own subvolume and in a nested one: btrfs takes no snapshot of that. doctor and the run name it, and what they advise helps.
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
undo() {
    swapoff /srv/d/swap /srv/d/nested/swap
    umount /srv/d /mnt/top
}
fresh_disks
mkfs.btrfs --quiet --force "$(disk 1)"
mkdir -p /mnt/top /srv/d
mount "$(disk 1)" /mnt/top
btrfs --quiet subvolume create /mnt/top/d /mnt/top/d/nested
mount -o subvol=d "$(disk 1)" /srv/d
echo here >/srv/d/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
remember_host
# look: what doctor has found is in $stage/doctor, all of it. It always finds something here: the repository is on this machine.
look() {
    ! igotchuu doctor --json >"$stage/doctor" || fail 'doctor finds nothing'
    [ "$(jq '.schema == 1 and .unseen == []' "$stage/doctor")" = true ] || fail "doctor has not seen all: $(cat "$stage/doctor")"
}
found() { jq --raw-output ".found[] | select(.check == \"swap-file\") | $1" "$stage/doctor"; }
swap_in() {
    btrfs --quiet filesystem mkswapfile --size 4m "$1/swap"
    swapon "$1/swap"
}
look
[ -z "$(found .why)" ] || fail "doctor sees a swap file where there is none: $(found .why)"

echo 'in the subvolume of the source'
swap_in /srv/d
look
[ "$(found '"\(.severity) \(.about)"')" = 'critical d' ] || fail "doctor: $(found .)"
assert_says "$(found .why)" 'the active swap file /srv/d/swap lies in the subvolume of /srv/d'
! systemctl start igotchuu@d || fail 'a subvolume with a swap file was snapshotted'
assert_outcome d failed
assert_says "$(last d .message)" 'the active swap file /srv/d/swap'
assert_host_as_before
swapoff /srv/d/swap
rm /srv/d/swap
systemctl start igotchuu@d || fail "without it: $(last d .message)"
assert_outcome d success

echo 'in a nested one'
swap_in /srv/d/nested
look
[ "$(found '"\(.severity) \(.about)"')" = 'warning d' ] || fail "doctor: $(found .)"
assert_says "$(found .why)" 'the active swap file /srv/d/nested/swap lies in the subvolume /srv/d/nested'
next_second
! systemctl start igotchuu@d || fail 'a backup without a subvolume is a success'
assert_outcome d partial
assert_says "$(last d .message)" 'the active swap file /srv/d/nested/swap'
[ "$(on_r dump latest /srv/d/file)" = here ] || fail 'the rest is not in the backup'
assert_host_as_before

echo 'what they advise helps'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nexclude = ["/srv/d/nested"]'
reload
look
[ -z "$(found .why)" ] || fail "doctor: $(found .why)"
next_second
systemctl start igotchuu@d || fail "with the subvolume excluded: $(last d .message)"
assert_outcome d success
