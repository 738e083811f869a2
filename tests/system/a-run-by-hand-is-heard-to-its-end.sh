#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A backup that somebody runs by hand has no unit: a new igotchuud still sees that it goes on, it is told when it is killed, and then the job can be started.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
: >$here/begun
until [ -e $here/end ]; do sleep 0.02; done
echo "$summary"
SH
begin() {
    rm -f /srv/stand-in/begun /srv/stand-in/end
    /usr/libexec/igotchuu-exec backup d 2>"$stage/by-hand" &
    run=$!
    await 30 'restic' test -e /srv/stand-in/begun
}
job1() { busctl "$1" com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$2"; }
shows() { [ "$(job1 get-property State)" = "s \"$1\"" ]; }

systemctl start igotchuud
listen
begin
await 30 'the begin' heard_at_least RunStarted 1
systemctl kill --signal=KILL igotchuud
await 30 'the next igotchuud' shows running
touch /srv/stand-in/end
wait $run
await 30 'the end' heard_at_least RunEnded 1

begin
await 30 'the begin' heard_at_least RunStarted 2
kill -KILL $run
touch /srv/stand-in/end
await 30 'the end of the killed run' heard_at_least RunEnded 2
shows idle || fail "after its end it is $(job1 get-property State)"
job1 call Start
await 30 'the end of the run that was started' heard_at_least RunEnded 3
assert_heard 'd success
d killed
d success'
