#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file whose extent is spoiled: partial, named, and the others are in. A file system that turns read-only in mid-run: failed, what could not be
# deleted is said, and the next run that can deletes it. A disk that vanishes in mid-run: not a success, and an end.
. "$(dirname "$0")/stage.sh"

image=$stage/mnt-top.btrfs
truncate --size 600M "$image"
mkfs.btrfs --quiet --metadata single --data single "$image"
mkdir -p /mnt/top && mount -o loop,subvolid=5 "$image" /mnt/top
new_source /mnt/top d /srv/d
{ printf 'MARK'; head --bytes 300k /dev/urandom; } >/srv/d/spoiled
head --bytes 300k /dev/urandom >/srv/d/sound
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
assert_outcome d success
mount_both() { mount -o loop,subvolid=5 "$image" /mnt/top && mount -o subvol=d "$(findmnt --noheadings --output SOURCE --nofsroot /mnt/top)" /srv/d; }

# spoil BYTES: overwrites the first place in the image where they stand.
spoil() {
    local offset
    offset=$(grep --only-matching --byte-offset --binary --text --max-count 1 "$1" "$image" | head --lines 1 | cut --delimiter : --fields 1)
    [ "$offset" ] || fail "$1 is not in the image"
    printf 'spoiled!' | dd of="$image" bs=1 seek="$offset" conv=notrunc status=none
}
umount /srv/d /mnt/top
spoil MARK
mount_both
! cat /srv/d/spoiled >/dev/null 2>&1 || fail 'the file is not spoiled: this tests nothing'
touch /srv/d/spoiled                                                # else restic does not read it again
remember_host
! systemctl start igotchuu@d 2>/dev/null || fail 'a spoiled file was a success'
assert_outcome d partial
assert_says "$(journal_of igotchuu@d)" /srv/d/spoiled
default_restic dump latest /srv/d/sound | cmp - /srv/d/sound
assert_host_as_before
rm /srv/d/spoiled

# read-only in mid-run, as after an error of the disk
head --bytes 40M /dev/urandom >/srv/d/big
job d <<<$'sources = ["/srv/d"]\nrestic-args = ["--limit-upload=10000"]'
reload
remember_host
systemctl start --no-block igotchuu@d
wait_for_phase d restic
mount -o remount,ro /mnt/top
wait_for_state igotchuu@d failed
assert_outcome d failed
assert_says "$(last d .message)" 'Read-only file system'
mount -o remount,rw /mnt/top
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
assert_outcome d success
assert_says "$(journal_of igotchuu@d)" 'Removed what a killed backup of d had left'
assert_host_as_before

# the disk vanishes
head --bytes 40M /dev/urandom >/srv/d/big
job d <<<$'sources = ["/srv/d"]\nrestic-args = ["--limit-upload=10000"]'
reload
umount /srv/d /mnt/top && mount_both                             # nothing of it is in memory
systemctl start --no-block igotchuu@d
wait_for_phase d restic
truncate --size 0 "$image"
wait_for_state igotchuu@d failed
[ "$(last d .outcome)" != success ] || fail 'a disk that vanished was a success'
[ -z "$(processes)" ] || fail 'something still runs'
