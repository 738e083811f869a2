#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Stopped in each phase, by systemctl stop, by the admin's time limit and by Ctrl-C: 130, "stopped", everything released, restic interrupted once, and
# the next run is a good one. Where the backup is complete already, it is a success.
# Each phase is entered by a rename(2) of the state file: strace lets that call take its time.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/nested
echo x >/srv/d/x
exec=/usr/libexec/igotchuu-exec
declare -A entered=([start]=1 [lock]=2 [reap]=3 [snapshot]=4 [mount]=5 [restic]=6 [release]=8)

hold() { echo strace -D -o /dev/null -e trace=rename -e "inject=rename:delay_exit=$2:when=${entered[$1]}"; }
unit_held() {                                                     # in PHASE for TIME, with LINES
    admin <<UNIT
[Service]
ExecStart=
ExecStart=/usr/bin/$(hold "$1" "$2") $exec backup %i
SystemCallFilter=
${3-}
UNIT
}
ended() { ! kill -0 "$1" 2>/dev/null; }
assert_stopped() {                                                # in PHASE, by WHAT
    local outcome=stopped
    [ "$1" != release ] || outcome=success
    assert_outcome d $outcome
    [ "$(last d ".phases_usec.$1")" -gt 100000 ] || fail "$2: it was not stopped in phase $1: $(last d .phases_usec)"
    assert_host_as_before
}

stand_in <<'SH'
[ -e $here/wait ] || { echo "$summary"; exit; }
trap 'echo INT >>$here/signals; exit 130' INT
trap 'echo another >>$here/signals' TERM HUP
touch $here/waits
while :; do sleep 0.02; done
SH
systemctl start igotchuu@d
touch /srv/stand-in/wait
remember_host
for phase in "${!entered[@]}"; do
    [ "$phase" = release ] && status=0 || status=130
    [ "$phase" = release ] && rm -f /srv/stand-in/wait || touch /srv/stand-in/wait

    unit_held "$phase" 400ms
    systemctl start --no-block igotchuu@d
    wait_for_phase d "$phase"
    systemctl stop igotchuu@d
    assert_exit igotchuu@d $status
    assert_stopped "$phase" 'systemctl stop'

    unit_held "$phase" 900ms 'TimeoutStartSec=600ms'
    ! systemctl start igotchuu@d 2>/dev/null || fail 'the time limit is none'
    [ "$(systemctl show --property Result --value igotchuu@d)" = timeout ] || fail "$phase: not ended by the time limit"
    assert_exit igotchuu@d $status
    assert_stopped "$phase" 'a time limit'

    $(hold "$phase" 400ms) $exec backup d 2>/dev/null &
    wait_for_phase d "$phase"
    kill -INT $!
    await 20 'the run to end' ended $!
    wait $! && got=0 || got=$?
    [ $got = $status ] || fail "SIGINT in $phase: exit status $got, not $status"
    assert_stopped "$phase" SIGINT

    [ ! -e /srv/stand-in/waits ] || fail "restic was started, though the run was stopped in phase $phase"
done
touch /srv/stand-in/wait

admin <<<$'[Service]\nTimeoutStartSec=1s'
for stop in 'systemctl stop igotchuu@d' 'wait_for_state igotchuu@d failed'; do
    rm -f /srv/stand-in/{waits,signals}
    systemctl start --no-block igotchuu@d
    await 10 'restic to run' test -e /srv/stand-in/waits
    $stop
    assert_exit igotchuu@d 130
    assert_outcome d stopped
    [ "$(cat /srv/stand-in/signals)" = INT ] || fail "$stop: restic heard: $(cat /srv/stand-in/signals)"
    assert_host_as_before
done

rm /srv/stand-in/wait /etc/systemd/system/igotchuu@d.service.d/60-admin.conf
systemctl daemon-reload
systemctl start igotchuu@d
assert_outcome d success
assert_host_as_before
