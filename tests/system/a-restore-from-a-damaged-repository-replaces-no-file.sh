#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic gives a file whose data it cannot read its size and its times all the same: that is not the file, nor is any other name of it, and what is there stays.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir /srv/d/t
head --bytes 1M /dev/urandom >/srv/d/t/sound
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
touch "$stage/before"
head --bytes 3M /dev/urandom >/srv/d/t/damaged
ln /srv/d/t/damaged /srv/d/t/link
head --bytes 3M /dev/urandom >/srv/d/t/damaged-and-gone
next_second
systemctl start igotchuu@d
find $restic_repository/data -type f -newer "$stage/before" -size +500k | while IFS= read -r pack; do
    chmod u+w "$pack"
    for ((at = 100000; at < $(stat --format %s "$pack") - 100000; at += 200000)); do printf X | dd of="$pack" bs=1 seek=$at conv=notrunc status=none; done
done

for name in sound damaged link; do echo "mine: $name" >"$stage/$name"; done
rm /srv/d/t/{sound,damaged,link,damaged-and-gone}
for name in sound damaged link; do cp "$stage/$name" /srv/d/t && touch --date '2001-01-01' "/srv/d/t/$name"; done
status=0
said=$(igotchuu restore d /srv/d/t --yes 2>&1) || status=$?
[ $status = 3 ] || fail "it exits with $status: $said"
assert_says "$said" 'not restored, since restic could not'
[ "$(stat --format %s /srv/d/t/sound)" = 1048576 ] || fail "the sound one has not come back: $said"
for name in damaged link; do cmp "$stage/$name" "/srv/d/t/$name" || fail "what was there as $name is lost: $said"; done
[ ! -e /srv/d/t/damaged-and-gone ] || fail "a file came back that is not what it was: $said"
[ -z "$(find /srv/d -name '.igotchuu-restore*')" ] || fail 'something is left behind'
