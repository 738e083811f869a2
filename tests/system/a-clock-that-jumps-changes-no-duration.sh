#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The wall clock goes back by a year, or forward by ten, while a run is at work, or between a run that was killed and the one that says so: no duration
# is negative or ten years long, the newest run comes first, and the outcome is the true one.
# usage: a-clock-that-jumps-changes-no-duration.sh CLOCK-JUMPS
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<'SH'
sleep 0.1
cp $here/jump $here/clock
sleep 0.1
[ ! -e $here/wait ] || exec sleep 1000
echo "$summary"
SH
install -m 0755 "$1" /srv/stand-in/clock-jumps.so
admin <<'UNIT'
[Service]
Environment=LD_PRELOAD=/srv/stand-in/clock-jumps.so CLOCK_FILE=/srv/stand-in/clock
UNIT
year=$((365 * 24 * 3600))
remember_host
jump() { echo "$1" >/srv/stand-in/clock; echo "$2" >/srv/stand-in/jump; }
assert_lasted_under() {
    local usec
    usec=$(last d '.ended_usec - .started_usec')
    ((usec >= 0 && usec < $1 * 1000000)) || fail "it lasted for $usec µs"
    [ "$(last d '[.phases_usec[] | select(. < 0)] | length')" = 0 ] || fail "a phase took less than no time: $(last d .phases_usec)"
}

for to in -$year $((10 * year)); do
    jump 0 "$to"
    systemctl start igotchuu@d
    assert_outcome d success
    assert_lasted_under 10
    [ "$(last d '.ended_usec / 1000000 | floor')" -ge $((EPOCHSECONDS + to - 60)) ] || fail 'it did not end when the clock says'
    journalctl --quiet --output json "IGOTCHUU_INVOCATION=$(last d .invocation_id)" IGOTCHUU_OUTCOME=success |
        jq --exit-status '.IGOTCHUU_DURATION_USEC | tonumber | . >= 0 and . < 10000000' >/dev/null || fail 'the journal has another duration'
    assert_host_as_before
done

touch /srv/stand-in/wait
jump $((10 * year)) $((10 * year))
systemctl start --no-block igotchuu@d
wait_for_phase d restic
echo 0 >/srv/stand-in/clock
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
assert_outcome d killed
assert_lasted_under $((10 * year))
rm /srv/stand-in/wait

jump 0 0
systemctl start igotchuu@d
assert_outcome d success
[ "$(jq --raw-output '[.history[].outcome] | join(" ")' /var/lib/igotchuu/jobs/d.json)" = 'success killed success success' ] || fail 'the order of the runs'
assert_host_as_before
