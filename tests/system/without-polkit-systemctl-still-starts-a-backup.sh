#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With polkit masked the bus lets nobody in, and keeps nobody waiting: start and stop are refused within two seconds, to root as to a user, and
# the refusal says what root types instead; that works, at once. Whoever only looks is served.
. "$(dirname "$0")/stage.sh"
undo() { systemctl unmask --quiet --runtime polkit; }

user alice
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<$'trap "exit 130" INT\nwhile :; do sleep 0.05; done'
systemctl mask --quiet --runtime --now polkit

as() { setpriv --reuid="$1" --clear-groups busctl "${@:2}"; }
refused() { # USER METHOD: what it is told
    local said began=$EPOCHREALTIME
    said=$(as "$1" call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$2" 2>&1) && fail "$1 may $2"
    ((${EPOCHREALTIME/./} - ${began/./} < 2000000)) || fail "$1 waited for $2"
    assert_says "$said" 'polkit does not answer, so nothing was done'
    printf '%s\n' "${said##*as root: }"
}
invocation() { systemctl show --property InvocationID --value igotchuu@d; }

for user in alice root; do
    seen=$(as "$user" call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs)
    assert_says "$seen" '"d" "idle"'
    before=$(invocation)
    start=$(refused "$user" Start)
    [ "$(invocation)" = "$before" ] || fail "$user started a run"

    eval "timeout 5 ${start/start/start --no-block}" || fail "root cannot: $start"
    wait_for_phase d restic
    running=$(invocation)
    stop=$(refused "$user" Stop)
    state_is igotchuu@d activating && [ "$(invocation)" = "$running" ] || fail "$user stopped the run"
    eval "timeout 5 $stop" || fail "root cannot: $stop"
    wait_for_state igotchuu@d failed
    assert_outcome d stopped
done
