#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From README.md and nothing else: a first backup, a job with a timer, a backup by that timer, a restored file, another disk, a backup over the bus. Every block of these
# sections is run, or written to the file that its first line names.
. "$(dirname "$0")/stage.sh"

. "$(dirname "$0")/readme.sh"

runs() { jq '.history | length' /var/lib/igotchuu/jobs/home.json; }

mkdir -p /mnt/usb
section 'The first backup'
[ "$(runs)" = 1 ] || fail 'no first backup'
assert_says "$(journalctl --no-pager -xu igotchuu@home)" 'The backup lies on this machine'

section 'A job with a timer'
by_timer() { [ "$(runs)" -ge 2 ]; }
await 40 'a backup by the timer' by_timer
wait_for_state igotchuu@home inactive
assert_outcome home success

rm -rf /tmp/restored
section 'Restore by restic alone'
[ "$(cat /tmp/restored/home/alice/letter.txt)" = 'Dear Bob' ] || fail 'not restored'

section 'Another disk'
[ "$(restic --repo /mnt/usb/restic --password-file /etc/igotchuu/password --no-cache snapshots --json | jq length)" -ge 1 ] || fail 'not on the other disk'

systemctl stop igotchuu@home.timer # its run would be there already
wait_for_state igotchuu@home inactive
section 'Day to day'
assert_says "$(cat "$stage/said")" 'home: success, in '

section 'The worst day'
for copy in /root/back/alice /mnt/home/alice; do [ "$(cat $copy/letter.txt)" = 'Dear Bob' ] || fail "not restored: $copy"; done
rm -rf /root/back /mnt/home

before=$(runs)
section 'On the bus'
over_the_bus() { [ "$(runs)" -gt "$before" ]; }
await 40 'a backup over the bus' over_the_bus
wait_for_state igotchuu@home inactive
assert_outcome home success
rm -rf /tmp/restored /mnt/usb/restic
umount /home && rm /var/tmp/disk
