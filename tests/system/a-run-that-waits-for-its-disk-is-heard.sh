#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Longer than igotchuud stays without anything to do, a run waits for what it needs: igotchuud is there when it begins at last.
. "$(dirname "$0")/stage.sh"

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
