#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A repository on a disk that uid 1000 owns: maintenance, backup and proof work with that user's rights, and leave nothing of root's in it. A disk that is not there
# is waited for, and nothing is made in its place; after a month, or where it never was there, that is a failure which names it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/usb
maintained usb '/mnt/usb/my disk'
restic_usb backup /etc/hostname
restic_usb forget --group-by '' --keep-last 1
chown -R 1000:1000 /mnt/usb
systemctl start igotchuu-maintenance@usb
[ "$(last_maintenance usb .outcome)" = success ] || fail "$(last_maintenance usb .)"
nothing_of_root() { [ -z "$(find '/mnt/usb/my disk' ! -uid 1000)" ] || fail "$1: root's files are in another user's repository"; }
nothing_of_root 'a maintenance'

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
job d <<<$'sources = ["/srv/d"]\nrepositories = ["usb"]\nprove = "full"'
reload
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .repositories[0].proof.finding)" = proven ] || fail "not proven: $(last d .repositories[0].proof)"
nothing_of_root 'a backup and its proof'

mkdir -p /etc/systemd/system/igotchuu-maintenance@usb.service.d
printf '[Service]\nRestartSec=2s\nRestartSteps=0\n' >/etc/systemd/system/igotchuu-maintenance@usb.service.d/60-admin.conf
systemctl daemon-reload
outcomes() { jq --raw-output '.history | map(.outcome) | join(" ")' /var/lib/igotchuu/repositories/usb.json; }
waits() { [ "$(systemctl show --property SubState --value igotchuu-maintenance@usb)" = auto-restart ]; }
tries() { systemctl show --property NRestarts --value igotchuu-maintenance@usb; }
umount /mnt/usb
systemctl start --no-block igotchuu-maintenance@usb
await 30 'three tries' eval '[ "$(tries)" -ge 3 ]'
[ "$(outcomes)" = 'not-now not-now success' ] || fail "$(outcomes)"
assert_says "$(last_maintenance usb .message)" "there is no repository at /mnt/usb/my disk (is its disk mounted?)"
! systemctl --failed --plain --no-legend | grep igotchuu || fail 'to be put off is no failure'
[ -z "$(find /mnt/usb -mindepth 1)" ] || fail 'something was made in the place of the disk'
await 30 'it to be put off' waits # a try that has begun may not write to what is mounted from then on
mount -o loop "$stage/-mnt-usb.btrfs" /mnt/usb
await 60 'the maintenance to come by itself' eval '[ "$(last_maintenance usb .outcome)" = success ]'
wait_for_state igotchuu-maintenance@usb inactive

umount /mnt/usb
systemctl start --no-block igotchuu-maintenance@usb
await 30 'it to be put off' waits
systemctl stop igotchuu-maintenance@usb
long_ago=$(jq --compact-output '(.history[] | select(.outcome == "not-now") | .started_usec) -= 31 * 86400 * 1000000' /var/lib/igotchuu/repositories/usb.json)
cat <<<"$long_ago" >/var/lib/igotchuu/repositories/usb.json
! systemctl start igotchuu-maintenance@usb 2>/dev/null || fail 'it works without its disk'
assert_exit igotchuu-maintenance@usb 1
assert_says "$(last_maintenance usb .message)" 'longer than 30 days'

repository never <<<$'location = "/mnt/usb/never"\npassword-file = "/etc/igotchuu/password"'
reload
! systemctl start igotchuu-maintenance@never 2>/dev/null || fail 'it works where there never was one'
assert_exit igotchuu-maintenance@never 1
assert_says "$(last_maintenance never .message)" '/mnt/usb/never'
[ -z "$(find /mnt/usb -mindepth 1)" ] || fail 'something was made in the place of the disk'
