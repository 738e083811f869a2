#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Longer than igotchuud stays without anything to do, a run waits for what it needs: igotchuud is there when it begins at last. For one that systemd tries again it does not stay, and
# is there for the next try.
. "$(dirname "$0")/stage.sh"

undo() { umount /sys/class/power_supply; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
echo "$summary"
SH
cat >/run/systemd/system/slow-disk.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sleep 45
UNIT
admin <<<$'[Unit]\nWants=slow-disk.service\nAfter=slow-disk.service'
systemctl stop igotchuud
listen
systemctl start igotchuu@d
await 30 'the end' heard_at_least RunEnded 1
assert_heard 'd success'
state_is igotchuud active || fail 'it was told from the record, by an igotchuud that somebody called'
rm /run/systemd/system/slow-disk.service

unplugged
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mains-power = true'
admin <<<$'[Service]\nRestartSec=42\nRestartSteps=0'
reload
systemctl start --no-block igotchuu@d
await 30 'the end of the first try' heard_at_least RunEnded 2
await 40 'igotchuud to end' state_is igotchuud inactive
umount /sys/class/power_supply
await 30 'the end of the second try' heard_at_least RunEnded 3
assert_heard 'd success
d not-now
d success'
