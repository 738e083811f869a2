#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file that cannot be read is not in the backup, which is partial, and the rest of it is proven. One that could be read when it was backed up, and cannot any more, is
# no fault of the backup, which may be all that is left of it: unproven, and named.
. "$(dirname "$0")/stage.sh"

image=$stage/mnt-top.btrfs
truncate --size 600M "$image"
mkfs.btrfs --quiet --metadata single --data single "$image"
mkdir -p /mnt/top && mount -o loop,subvolid=5 "$image" /mnt/top
new_source /mnt/top d /srv/d
for name in first second third fourth fifth; do { printf '%s-MARK' $name; head --bytes 300k /dev/urandom; } >/srv/d/$name; done
echo sound >/srv/d/sound
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nprove = "full"\nprove-every-days = 0'
reload
systemctl start igotchuu@d
assert_outcome d success
mount_both() { mount -o loop,subvolid=5 "$image" /mnt/top && mount -o subvol=d "$(findmnt --noheadings --output SOURCE --nofsroot /mnt/top)" /srv/d; }
spoil() {                                                         # NAME
    local offset
    umount /srv/d /mnt/top
    offset=$(grep --only-matching --byte-offset --binary --text --max-count 1 "$1-MARK" "$image" | sed -n '1s/:.*//p')
    printf 'spoiled!' | dd of="$image" bs=1 seek="$offset" conv=notrunc status=none
    mount_both
    ! cat "/srv/d/$1" >/dev/null 2>&1 || fail 'the file is not spoiled: this tests nothing'
}
for name in first second third fourth; do spoil $name; done
next_second
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .repositories[0].proof.finding)" = unproven ] || fail "what the disk has lost is $(last d .repositories[0].proof.finding)"
assert_says "$(last d .repositories[0].proof.why)" 'and 3 more cannot be read from the disk any more'

touch /srv/d/{first,second,third,fourth}                          # now restic reads them again
next_second
! systemctl start igotchuu@d 2>/dev/null || fail 'a spoiled file was a success'
assert_outcome d partial
[ "$(last d .repositories[0].proof.finding)" = proven ] || fail "the rest is $(last d .repositories[0].proof.finding): $(last d .repositories[0].proof.why)"
[ "$(last d .restic_starts)" = 5 ] || fail "a backup that misses files and its proof started restic $(last d .restic_starts) times"
[ "$(last d .repositories[0].proof.files)" = 2 ] || fail "$(last d .repositories[0].proof.files) files are proven"
