#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemctl stop in mid-run, and Ctrl-C by hand: 130, "stopped", no lock of restic's, no snapshot, no mount; and the timer goes on (S4).
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 1500
new_source /mnt/top d /srv/d
systemctl start igotchuu@srv-d # makes the repository
head --bytes 700M /dev/urandom >/srv/d/big
job d <<<$'sources = ["/srv/d"]\n[timer]\nOnCalendar = "*:*:0/2"\nRandomizedDelaySec = "0"\nAccuracySec = "10ms"'
remember_host
reload
await 10 'the timer to start the job' state_is igotchuu@d activating
wait_for_phase d restic
systemctl stop igotchuu@d
assert_says "$(journal_of igotchuu@d)" 'status=130' # not asked of systemd: the timer may have started the next run by now
assert_outcome d stopped
[ "$(systemctl show --property ActiveState --value igotchuu@d.timer)" = active ] || fail 'the timer was stopped with the run'
systemctl stop igotchuu@d.timer igotchuu@d
wait_for_state igotchuu@d failed
systemctl reset-failed igotchuu@d
assert_host_as_before
[ -z "$(default_restic list locks)" ] || fail 'restic left its lock'

rm "$stage/by-hand" 2>/dev/null || true
script --quiet --return --command '/usr/libexec/igotchuu-exec backup d' "$stage/by-hand" >/dev/null &
script=$!
wait_for_phase d restic
pkill --signal INT --exact igotchuu-exec
wait $script && status=0 || status=$?
[ "$status" = 130 ] || fail "by hand: exit status $status"
assert_outcome d stopped
assert_host_as_before
[ -z "$(default_restic list locks)" ] || fail 'restic left its lock'

# So early that it does not listen yet.
for signal in TERM KILL; do
    SERVICE_RESULT=signal EXIT_CODE=killed EXIT_STATUS=$signal /usr/libexec/igotchuu-exec reap early
    assert_outcome early "$([ $signal = TERM ] && echo stopped || echo killed)"
done
