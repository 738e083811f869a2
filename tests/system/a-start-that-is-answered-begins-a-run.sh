#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A start over the bus is a run, or an error. Where the unit is under way already and says nothing yet (or nothing any more), systemd would take
# the start for the one that it has: no second run would come, and nobody would be told.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<'echo run >>$here/runs; echo "$summary"'
admin <<<$'[Service]\nExecStartPre=/bin/sh -c \'until [ -e /srv/stand-in/go ]; do sleep 0.02; done\''
start() { busctl call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 Start 2>&1; }
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
