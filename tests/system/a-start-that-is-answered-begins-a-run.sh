#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A start over the bus is a run, or an error. Where the unit is under way already and says nothing yet (or nothing any more), systemd would take
# the start for the one that it has: no second run would come, and nobody would be told. So it is however many came before in a
# few seconds; and one that waits for another unit begins as well, and can be stopped.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<'echo run >>$here/runs; echo "$summary"'
admin <<<$'[Service]\nExecStartPre=/bin/sh -c \'until [ -e /srv/stand-in/go ]; do sleep 0.02; done\''
undo() { rm /run/systemd/system/slow-disk.service; }
call() { busctl call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$1" 2>&1; }
start() { call Start; }
bus_state_is() { [ "$(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 State)" = "s \"$1\"" ]; }
runs() { [ "$(wc --lines 2>/dev/null </srv/stand-in/runs)" = "$1" ]; }

systemctl start --no-block igotchuu@d
wait_for_state igotchuu@d activating
said=$(start) && fail 'a second start of what begins is a success'
assert_says "$said" 'job d begins or ends just now'
touch /srv/stand-in/go
await 30 'the run' runs 1
wait_for_state igotchuu@d inactive
start || fail 'it cannot be started again'
await 30 'the second run' runs 2
wait_for_state igotchuu@d inactive

await 10 'the end of the second run on the bus' bus_state_is idle
# its timer keeps systemd from forgetting how often it began
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "yearly"'
reload
listen
for number in {1..7}; do
    await 10 'the end of the run before on the bus' bus_state_is idle
    start || fail "start $number fails"
    await 10 "the end of run $number" heard_at_least RunEnded "$number"
done
wait_for_state igotchuu@d inactive
runs 9 || fail 'not each start was a run'

cat >/run/systemd/system/slow-disk.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'until [ -e /srv/stand-in/disk ]; do sleep 0.02; done'
UNIT
admin <<<$'[Unit]\nWants=slow-disk.service\nAfter=slow-disk.service'
await 10 'the end of the last run on the bus' bus_state_is idle
start || fail 'it cannot be started to wait for another unit'
bus_state_is starting || fail 'it waits for another unit, and is said to do nothing'
said=$(start) && fail 'a second start of what waits for another unit is a success'
assert_says "$said" 'job d begins or ends just now'
systemctl restart igotchuud
await 10 'the next igotchuud to see that' bus_state_is starting
call Stop || fail 'what waits for another unit cannot be stopped'
await 10 'the end of the waiting' bus_state_is idle
touch /srv/stand-in/disk
wait_for_state slow-disk inactive
systemctl start igotchuu@d
runs 10 || fail 'what was stopped before it began has run, or what was started has not'
