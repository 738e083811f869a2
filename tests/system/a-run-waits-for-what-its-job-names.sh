#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job that waits for mains power, a host, a disk, an hour or a low load: the run is not now, is tried again by systemd, and runs when it is there; no snapshot, no
# restic and no lock before. When it has waited for long enough it runs all the same, or fails and says what it waited for.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
waiting() { printf 'sources = ["/srv/d"]\n[wait]\n%s\n' "$1" | job d; reload; systemctl reset-failed; }
# each try is a minute after the one before: too long for a test
mkdir -p /etc/systemd/system/igotchuu@d.service.d
printf '[Service]\nRestartSec=200ms\nRestartSteps=0\nRestartMaxDelaySec=infinity\n' >/etc/systemd/system/igotchuu@d.service.d/60-admin.conf

tries() { journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep "cannot run now: $1" | wc --lines; }
tried() { [ "$(tries "$1")" -ge "$2" ]; }
# waits SENTENCE: the run is begun, and not done for that reason, twice.
waits() {
    local begun=$EPOCHREALTIME
    systemctl start --no-block igotchuu@d
    await 30 "two tries: $1" tried "$1" 2
    assert_outcome d not-now
    assert_says "$(last d .message)" "$1"
    [ "$(jq --raw-output '.history[1].outcome' /var/lib/igotchuu/jobs/d.json)" != not-now ] || fail 'each try is a run of the history'
    [ "$(systemctl is-failed igotchuu@d)" != failed ] || fail "$1: the unit has failed"
    [ "$(last d '.restic_starts, .snapshots' | paste --serial)" = $'0\t0' ] || fail "$1: it began all the same"
}
then_runs() { wait_for_state igotchuu@d inactive; assert_outcome d success; }

remember_host # while no try is under way
mount -t tmpfs tmpfs /sys/class/power_supply
mkdir /sys/class/power_supply/BAT0 /sys/class/power_supply/mouse
echo Battery | tee /sys/class/power_supply/{BAT0,mouse}/type >/dev/null
echo Device >/sys/class/power_supply/mouse/scope
echo Discharging | tee /sys/class/power_supply/{BAT0,mouse}/status >/dev/null
waiting 'mains-power = true'
waits 'the machine runs on battery'
echo Charging >/sys/class/power_supply/BAT0/status
then_runs

mkdir -p /mnt/drawer
waiting 'mounted = ["/mnt/drawer"]'
waits 'nothing is mounted on /mnt/drawer'
mount -t tmpfs drawer /mnt/drawer
then_runs
umount /mnt/drawer
umount /sys/class/power_supply
assert_host_as_before

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
waiting "hosts = [\"localhost:$port\"]"
waits "localhost:$port does not answer"
python3 -m http.server --bind 127.0.0.1 "$port" >/dev/null 2>&1 &
then_runs
kill %+
assert_host_as_before

now=$(date +%H:%M) later=$(date --date '+2 hours' +%H:%M)
waiting "hours = \"$later-$later\""
systemctl start igotchuu@d
waiting "hours = \"$later-$(date --date '+3 hours' +%H:%M)\""
waits 'it is not between'
systemctl stop igotchuu@d
waiting "hours = \"$now-$later\""
systemctl start igotchuu@d
assert_outcome d success

busy=()
for _ in {1..4}; do
    nice --adjustment 19 sh -c 'while :; do :; done' &
    busy+=($!)
done
await 120 'a load of 1' eval '[ "$(cut --delimiter . --fields 1 /proc/loadavg)" -ge 1 ]'
waiting 'load = 1'
waits 'the load is not below 1'
kill "${busy[@]}"
systemctl stop igotchuu@d
waiting 'load = 10000'
systemctl start igotchuu@d
assert_outcome d success

# A stop ends the waiting.
waiting 'mounted = ["/mnt/drawer"]'
waits 'nothing is mounted on /mnt/drawer'
systemctl stop igotchuu@d
state_is igotchuu@d inactive || state_is igotchuu@d failed || fail 'a stopped unit goes on waiting'

# A machine that went down meanwhile: systemd has forgotten it, and the timer has counted that run.
systemctl restart igotchuu-waiting
wait_for_state igotchuu@d activating
mount -t tmpfs drawer /mnt/drawer
then_runs
umount /mnt/drawer
systemctl restart igotchuu-waiting
await 30 'the look at all jobs' eval '[ "$(systemctl show --property SubState --value igotchuu-waiting)" = exited ]'
state_is igotchuu@d inactive || fail 'a job that waits for nothing was started'

# Long enough: the record says since when it has waited.
long_ago() { jq --compact-output '.waits_since_usec -= 7200 * 1000000' /var/lib/igotchuu/jobs/d.json >"$stage/record" && cat "$stage/record" >/var/lib/igotchuu/jobs/d.json; }
waiting $'mounted = ["/mnt/drawer"]\nlatest-hours = 1'
waits 'nothing is mounted on /mnt/drawer'
systemctl stop igotchuu@d
long_ago
systemctl start igotchuu@d
assert_outcome d success
assert_says "$(journal_of igotchuu@d)" 'The backup runs all the same: nothing is mounted on /mnt/drawer, for over 1h'
[ "$(jq .waits_since_usec /var/lib/igotchuu/jobs/d.json)" = null ] || fail 'it still waits, says the record'
waiting $'mounted = ["/mnt/drawer"]\nlatest-hours = 1\nthen = "fail"'
waits 'nothing is mounted on /mnt/drawer'
systemctl stop igotchuu@d
long_ago
! systemctl start igotchuu@d || fail 'it did not fail'
assert_outcome d failed
assert_says "$(last d .message)" 'nothing is mounted on /mnt/drawer, for over 1h'

# So does the maintenance of its repository, without which it cannot run.
mount -t tmpfs drawer /mnt/drawer
exec {maintenance}>/run/igotchuu/lock/+default
flock "$maintenance"
waiting $'mounted = ["/mnt/drawer"]\nlatest-hours = 1'
waits 'the repository default is being maintained'
systemctl stop igotchuu@d
long_ago
! systemctl start igotchuu@d || fail 'it did not fail'
assert_outcome d failed
assert_says "$(last d .message)" 'the repository default is being maintained, for over 1h'
exec {maintenance}>&-
systemctl reset-failed igotchuu@d
systemctl start igotchuu@d
assert_outcome d success
umount /mnt/drawer
assert_host_as_before
