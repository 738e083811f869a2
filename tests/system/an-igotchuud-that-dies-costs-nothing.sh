#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuud is killed again and again while a backup runs, replaced by a newer one, hidden, broken: the backup is none the wiser, each run's begin and end is heard
# once, and it can be stopped through whichever igotchuud is there.
. "$(dirname "$0")/stage.sh"

systemctl stop igotchuud
listen
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
: >$here/begun
while [ ! -e $here/end ]; do
    n=$((${n:-0} + 1))
    echo '{"message_type":"status","percent_done":0.5,"total_files":9999999,"files_done":'$n'}'
    sleep 0.02
done
echo "$summary"
SH
run() {
    rm -f /srv/stand-in/begun /srv/stand-in/end
    systemctl start --no-block igotchuu@d
    await 30 'restic' test -e /srv/stand-in/begun
}
is_over() { [[ $(systemctl show --property ActiveState --value igotchuu@d) = @(inactive|failed) ]]; }
finish() { touch /srv/stand-in/end && await 30 'the end of the run' is_over; }
restarts() { systemctl show --property NRestarts --value igotchuud; }

run
for number in {1..10}; do
    await 30 'igotchuud' state_is igotchuud active
    systemctl kill --signal=KILL igotchuud
    await 30 'the next igotchuud' eval '[ "$(restarts)" -ge "$number" ]'
done
await 30 'igotchuud' state_is igotchuud active
finish
assert_outcome d success
await 30 'the end' heard_at_least RunEnded 1

run # upgraded
systemctl restart igotchuud
systemctl daemon-reexec
busctl call com.nyantec.IGotChuu /com/nyantec/igotchuu com.nyantec.igotchuu1 Stop
wait_for_state igotchuu@d failed
assert_outcome d stopped
await 30 'the end' heard_at_least RunEnded 2

run # it dies, and the run ends while it is away
systemctl stop igotchuud
finish
assert_outcome d success
systemctl start igotchuud
await 30 'the end' heard_at_least RunEnded 3

run # the run, and what should say that it was killed, are killed while it is away
systemctl stop igotchuud
systemctl kill --kill-whom=all --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
systemctl start igotchuud
await 30 'the end' heard_at_least RunEnded 4
assert_heard 'd success
d stopped
d success
d killed'
kill "$(pgrep --full listen.py)"

systemctl stop igotchuud
systemctl mask --runtime --quiet igotchuud
run
finish
assert_outcome d success
systemctl unmask --runtime --quiet igotchuud
mkdir -p /run/systemd/system/igotchuud.service.d
printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >/run/systemd/system/igotchuud.service.d/broken.conf
systemctl daemon-reload
run
finish
assert_outcome d success
rm -r /run/systemd/system/igotchuud.service.d
systemctl daemon-reload
