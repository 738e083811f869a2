#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A machine that was off for longer than the objective: the look comes before the backup that its timer makes up for. It waits for that, and says nothing of what
# is over in a moment. What has failed, what nobody will make, and what was said already is said at once.
. "$(dirname "$0")/stage.sh"
undo() { umount --quiet --lazy /usr/bin/restic; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo one >/srv/d/file
cheap_repository r
# described [IN-SECONDS]: its timer elapses then, or in years.
described() {
    cat <<TOML | job d
sources = ["/srv/d"]
repositories = ["r"]
objective-hours = 4
[timer]
OnCalendar = "$(if [ "${1-}" ]; then date --date "$1 seconds" '+%F %T'; else echo 2100-01-01; fi)"
RandomizedDelaySec = "0"
AccuracySec = "100ms"
TOML
    reload
}
look() {
    looked=$EPOCHREALTIME
    systemctl start igotchuu-fresh@d 2>/dev/null
}
said() { journalctl --quiet --output cat --identifier igotchuu --identifier igotchuu-exec --unit igotchuu-fresh@d --since "@$looked"; }
# at_once WHY: and the timer is still to come.
at_once() {
    ! look || fail "$1: it is fresh: $(said)"
    [ "$(systemctl show --property LastTriggerUSec --value igotchuu@d.timer)" = "$triggered" ] || fail "$1: it has waited for the timer: $(said)"
}
remember_timer() { triggered=$(systemctl show --property LastTriggerUSec --value igotchuu@d.timer); }
runs() { jq '.history | length' /var/lib/igotchuu/jobs/d.json 2>/dev/null || echo 0; }
anew() {
    systemctl stop igotchuu@d.timer
    rm -rf /var/lib/igotchuu/jobs/d.json /var/cache/igotchuu/{fresh,looks} /srv/cheap/r/snapshots/*
}

# The timer is about to elapse.
described 12
look || fail "it does not wait for the timer: $(said)"
[ "$(runs)" = 1 ] || fail "there were $(runs) runs"
assert_says "$(said)" 'waits up to 60 min for the one'
assert_says "$(said)" 'The backup of d in r is fresh: '
! grep --extended-regexp 'too old|no good backup' <<<"$(said)" || fail 'it tells of what is over'
await_looks

# A run is under way, and is stopped: that is said then, and no other is waited for.
anew
described
held_at backup
systemctl start --no-block igotchuu@d
wait_for_phase d restic
looked=$EPOCHREALTIME
systemctl start --no-block igotchuu-fresh@d
waits() { grep --quiet 'waits up to' <<<"$(said)"; }
await 30 'the look to wait' waits
state_is igotchuu-fresh@d activating || fail 'it is over'
systemctl stop igotchuu@d
umount --lazy /usr/bin/restic
wait_for_state igotchuu-fresh@d failed
assert_says "$(said)" 'There is no good backup of d in r'

# What was tried and has failed is no machine that was off, though the timer comes.
anew
described 600
mv /etc/igotchuu/r.key /etc/igotchuu/away
! systemctl start igotchuu@d 2>/dev/null || fail 'a backup without a password'
mv /etc/igotchuu/away /etc/igotchuu/r.key
remember_timer
at_once 'a run that has failed'

# Nothing comes; and what was said already is said again.
anew
described
remember_timer
at_once 'a timer of another century'
described 600
remember_timer
at_once 'what was said already'

# Whoever stops it while it waits need not wait.
anew
described 600
looked=$EPOCHREALTIME
systemctl start --no-block igotchuu-fresh@d
await 30 'the look to wait' waits
systemctl stop igotchuu-fresh@d
assert_exit igotchuu-fresh@d 130
