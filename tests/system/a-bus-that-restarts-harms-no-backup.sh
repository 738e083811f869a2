#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The bus is killed while a backup runs, and comes back; so does igotchuud, without a crash, and tells the rest to whoever listens by then (D2). The same with
# dbus-broker as the bus.
. "$(dirname "$0")/stage.sh"

buses() {
    systemctl show --property Id --value dbus
    systemctl show --property MainPID --value dbus
}
run_over_a_restart() {
    rm -f /srv/stand-in/begun /srv/stand-in/end
    systemctl start --no-block igotchuu@d
    await 30 'restic' test -e /srv/stand-in/begun
    await 30 'igotchuud' state_is igotchuud active
    local before
    before=$(buses)
    systemctl kill --signal=KILL dbus
    await 30 'another bus' eval 'state_is dbus active && [ "$(buses)" != "$before" ]'
    await 30 'the next igotchuud' eval 'busctl status com.nyantec.igotchuu >/dev/null 2>&1'
    listen
    touch /srv/stand-in/end
    await 30 'the end' heard_at_least RunEnded 1
    assert_outcome d success
    [ "$(count_heard RunStarted)" = 0 ] || fail 'a run began twice'
    [ "$(count_heard BackupComplete)" = 2 ] || fail 'its end was not heard on both interfaces of the first igotchuu'
    kill "$(pgrep --full listen.py)"
    ! journalctl --unit igotchuud --since "@$stage_began" | grep -E 'dumped|ABRT|SEGV|terminate' || fail 'igotchuud crashed'
    await 30 'the unit to be idle' state_is igotchuu@d inactive
}

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
: >$here/begun
while [ ! -e $here/end ]; do sleep 0.02; done
echo "$summary"
SH
run_over_a_restart

undo() {
    rm -f /run/systemd/system/dbus.service
    systemctl daemon-reload
    systemctl --quiet stop dbus-broker
    systemctl start dbus
    systemctl try-restart systemd-logind polkit # they do not see that their bus is another
    await 30 'logind' eval 'loginctl list-sessions >/dev/null 2>&1'
}
ln -s /usr/lib/systemd/system/dbus-broker.service /run/systemd/system/dbus.service
systemctl --quiet stop dbus
systemctl daemon-reload
systemctl start dbus
await 30 'dbus-broker' eval '[ "$(systemctl show --property Id --value dbus)" = dbus-broker.service ] && state_is dbus active'
run_over_a_restart
rm /srv/stand-in/end
busctl call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 Start
await 30 'the run' phase_is d restic
busctl call com.nyantec.IGotChuu /com/nyantec/igotchuu com.nyantec.igotchuu1 Stop
wait_for_state igotchuu@d failed
assert_outcome d stopped
