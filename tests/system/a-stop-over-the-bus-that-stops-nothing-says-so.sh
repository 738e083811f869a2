#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing runs, or only what somebody runs by hand, which is no unit's: Stop of each interface says so, and the run goes on.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo file >/srv/d/file
stand_in <<'SH'
until [ -e $here/go ]; do sleep 0.02; done
echo "$summary"
SH

stops_nothing() {
    local object=/com/nyantec/igotchuu interface said
    for interface in com.nyantec.igotchuu1 com.nyantec.igotchuu2 com.nyantec.igotchuu.Job1; do
        [ $interface != com.nyantec.igotchuu.Job1 ] || object+=/job/d
        ! said=$(busctl call com.nyantec.igotchuu $object $interface Stop 2>&1) || fail "$interface has stopped something"
        assert_says "$said" "$1"
    done
}
stops_nothing 'nothing to stop'
/usr/libexec/igotchuu-exec backup d 2>"$stage/by-hand" &
run=$!
wait_for_phase d restic
stops_nothing 'stop it where it was started'
touch /srv/stand-in/go
wait $run
assert_outcome d success
