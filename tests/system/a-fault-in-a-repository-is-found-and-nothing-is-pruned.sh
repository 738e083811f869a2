#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One byte of a pack is changed: after so many maintenances as there are parts it is found at the latest, and from then on each of them fails and prunes nothing,
# until it is repaired.
. "$(dirname "$0")/stage.sh"

maintained usb
head --bytes 20M /dev/urandom >/srv/data
restic_usb backup /srv/data
head --bytes 10M /dev/urandom >/srv/data
restic_usb backup --tag keep /srv/data
systemctl start igotchuu-maintenance@usb

pack=$(find /srv/usb/data -type f -size +1M | sort | tail -n 1)
cp "$pack" "$stage/sound"
chmod u+w "$pack"
byte=$(od --address-radix n --format u1 --skip-bytes 1000 --read-bytes 1 "$pack")
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$pack" bs=1 seek=1000 conv=notrunc status=none

found=
for run in 1 2 3 4; do
    systemctl start igotchuu-maintenance@usb 2>/dev/null || { found=$run; break; }
done
[ -n "$found" ] || fail 'four maintenances of four parts found nothing'
assert_exit igotchuu-maintenance@usb 1
[ "$(last_maintenance usb .outcome)" = failed ] || fail "the outcome is $(last_maintenance usb .outcome)"
said=$(journal_of igotchuu-maintenance@usb)
assert_says "$said" 'The repository is damaged: restic check found faults'
assert_says "$said" "pack $(basename "$pack") contains"
journalctl --catalog --unit igotchuu-maintenance@usb >"$stage/explained"
assert_says "$(cat "$stage/explained")" 'The repository usb is damaged'

restic_usb forget --group-by '' --keep-tag keep
packs() { find /srv/usb/data -type f | wc --lines; }
before=$(packs)
! systemctl start igotchuu-maintenance@usb 2>/dev/null || fail 'the next maintenance does not know of it'
[ "$(packs)" = "$before" ] || fail 'a damaged repository was pruned'
[ "$(jq .damaged /var/lib/igotchuu/repositories/usb.json)" = true ] || fail 'the record does not say so'

cp "$stage/sound" "$pack"
systemctl start igotchuu-maintenance@usb || fail 'repaired, and it still fails'
[ "$(packs)" -lt "$before" ] || fail 'repaired, and it was not pruned'
