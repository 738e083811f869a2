#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A local repository that is not root's: restic runs as its owner, and is none the less asked to end, by a unit that has few capabilities.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<'SH'
trap 'echo INT >>$here/signals; exit 130' INT
id --user >$here/user
while :; do sleep 0.02; done
SH
chown -R 1000:1000 /srv/stand-in
reload
remember_host
systemctl start --no-block igotchuu@d
await 10 'restic to run' test -s /srv/stand-in/user
[ "$(cat /srv/stand-in/user)" = 1000 ] || fail 'restic does not run as the owner'
timeout 30 systemctl stop igotchuu@d || fail 'it does not stop'
assert_exit igotchuu@d 130
assert_outcome d stopped
[ "$(cat /srv/stand-in/signals)" = INT ] || fail 'restic was not asked'
assert_host_as_before
