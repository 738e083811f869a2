#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd does not answer igotchuud what runs, or which timers there are: a run is not said to be none, none begins beside it, a Reload does nothing by half, and when
# a job runs next is told from then on as before.
. "$(dirname "$0")/stage.sh"

policy=/etc/dbus-1/system.d/zz-silent.conf
policy_counts() { busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig; }
undo() { rm -f $policy && policy_counts; }
silent_about() { # a deny without the interface has no effect
    cat >$policy <<XML
<busconfig><policy user="igotchuud"><deny send_destination="org.freedesktop.systemd1" send_interface="org.freedesktop.systemd1.Manager" send_member="$1"/></policy></busconfig>
XML
    policy_counts
}
called() { busctl call com.nyantec.igotchuu "/com/nyantec/igotchuu$1" "com.nyantec.$2" "$3" 2>&1; }
assert_failed() {
    local said
    ! said=$(called "$@") || fail "$3 is a success though systemd did not answer"
    assert_says "$said" 'systemd d'
}
next_run() { busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/stays com.nyantec.igotchuu.Job1 NextRunTimestamp; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<$'trap "exit 130" INT\nwhile :; do sleep 0.05; done'
for name in stays goes; do job $name <<<$'sources = ["/srv"]\n[timer]\nOnCalendar = "yearly"'; done
called '' igotchuu.Manager1 Reload >/dev/null || fail 'the reload failed'
for name in stays goes; do await 10 "the timer of $name" state_is igotchuu@$name.timer active; done

echo '- which timers there are'
systemctl stop igotchuu@stays.timer
await 10 'no next run' eval '[ "$(next_run)" = "t 0" ]'
silent_about ListUnitsByPatterns
rm /etc/igotchuu/jobs/goes.toml
assert_failed '' igotchuu.Manager1 Reload
state_is igotchuu@stays.timer inactive || fail 'what an administrator had stopped was started'
systemctl daemon-reload
systemctl start igotchuu@stays.timer
await 10 'the next run to be known' eval '[ "$(next_run)" != "t 0" ]'
undo
called '' igotchuu.Manager1 Reload >/dev/null || fail 'the reload failed'
await 10 'its timer to stop' eval '! state_is igotchuu@goes.timer active'

echo '- what runs'
systemctl start --no-block igotchuu@d
wait_for_phase d restic
silent_about ListUnitsByNames
assert_failed /job/d igotchuu.Job1 Stop
assert_failed '' igotchuu1 Stop
assert_failed /job/d igotchuu.Job1 Start
undo
called /job/d igotchuu.Job1 Stop >/dev/null || fail 'the run cannot be stopped'
wait_for_state igotchuu@d failed
