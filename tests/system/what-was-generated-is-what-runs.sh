#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job that was changed and not reloaded does not run under a unit that was made for another one; one whose file is gone never turns into an
# implicit job, whatever its timer does (S2).
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top old /old
job old <<<$'sources = ["/srv/d"]\n[timer]\nOnCalendar = "*-*-* 03:00"'
reload
systemctl start igotchuu@old
[ -n "$(systemctl show --property NextElapseUSecRealtime --value igotchuu@old.timer)" ] || fail 'the timer has no next time'

job old <<<$'sources = ["/old"]\n[timer]\nOnCalendar = "*-*-* 03:00"'
[ "$(systemctl show --property NeedDaemonReload --value igotchuu@old)" = yes ] || fail 'systemd did not notice the change'
! systemctl start igotchuu@old 2>/dev/null || fail 'a changed job was run'
assert_exit igotchuu@old 78
assert_says "$(journal_of igotchuu@old)" daemon-reload
reload
systemctl start igotchuu@old

mv /etc/igotchuu/jobs/old.toml /etc/igotchuu/jobs/new.toml
systemctl daemon-reload
! systemctl start igotchuu@old 2>/dev/null || fail 'an orphan was run'
assert_exit igotchuu@old 78
assert_says "$(journal_of igotchuu@old)" 'file is gone'
[ "$(systemctl show --property LoadState --value igotchuu@old.timer)" != loaded ] || fail 'the timer of the orphan is still whole'
[ "$(default_restic snapshots --json --tag igotchuu-job=old | jq length)" = 2 ] || fail 'the orphan made a snapshot'
systemctl start timers.target
wait_for_state igotchuu-verify.service failed
assert_says "$(journal_of igotchuu-verify.service)" 'igotchuu@old.timer is still there, but its job file is gone'
[ -n "$(systemctl show --property NextElapseUSecRealtime --value igotchuu@new.timer)" ] || fail 'the new timer has no next time'

# Nor is it looked into as an implicit one: that has another repository, and what is asked of it may be in there, and old.
for words in 'snapshots old' 'ls old' 'audit old' 'restore old /old --yes'; do
    status=0
    said=$(igotchuu $words 2>&1) || status=$?
    [ $status = 78 ] || fail "igotchuu $words, of an orphan, exits with $status: $said"
    assert_says "$said" '/etc/igotchuu/jobs/old.toml: the job'"'"'s file is gone'
    assert_says "$said" 'igotchuu restore --repository NAME PATH'
done
[ "$(igotchuu snapshots --repository default --json | jq '.snapshots | length')" = 2 ] || fail 'without the job its backups are not found'

# The way out that both name.
systemctl stop igotchuu@old.timer && rm /var/lib/igotchuu/jobs/old.json
systemctl reset-failed
reload
systemctl start igotchuu-verify.service || fail 'the orphan is ended, and the check is still red'
systemctl start igotchuu@old # from now on it is what its name spells
assert_outcome old success
[ "$(default_restic snapshots --json --tag igotchuu-job=old | jq --raw-output '.[-1].paths[]')" = /old ] || fail 'it is not /old'
