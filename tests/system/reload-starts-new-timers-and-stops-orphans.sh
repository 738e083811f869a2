#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu reload: timers of new files start, those of files that are gone stop and are forgotten, those that run are left alone, a masked one stays masked; and what systemd
# did not understand is said, with 78. Without the bus as well.
. "$(dirname "$0")/stage.sh"

undo() { rm -f /etc/systemd/system/igotchuu@{by-hand,srv}.timer; systemctl unmask --quiet igotchuu-verify; systemctl unmask --quiet igotchuu@masked.timer; systemctl stop 'igotchuu@*.timer' 'igotchuu-maintenance@*.timer'; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>&1 || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said")"; }
timed() { job "$1" <<<$'sources = ["/srv"]\n[timer]\nOnCalendar = "daily"'; }
active() { state_is "$1" active; }
told() { assert_says "$(cat "$stage/said")" "$1"; }
quiet() { ! grep --quiet --fixed-strings -- "$1" "$stage/said" || fail "$1 is said in: $(cat "$stage/said")"; }

timed old
timed stays
repository usb <<<$'location = "/srv/usb"\npassword-file = "/etc/igotchuu/key"\n[maintenance]\nOnCalendar = "weekly"'
exits 0 igotchuu reload
for timer in igotchuu@old igotchuu@stays igotchuu-maintenance@usb; do
    active $timer.timer || fail "$timer.timer does not run"
    told "$timer.timer: started"
done
since=$(systemctl show --property ActiveEnterTimestampMonotonic --value igotchuu@stays.timer)

rm /etc/igotchuu/jobs/old.toml /etc/igotchuu/repositories/usb.toml
timed new
timed masked
systemctl mask --quiet igotchuu@masked.timer
exits 78 unshare --mount bash -c 'mount -t tmpfs none /run/dbus && exec igotchuu reload'
told 'igotchuu@new.timer: started'
told 'igotchuu@old.timer: stopped, its file is gone'
told 'igotchuu-maintenance@usb.timer: stopped, its file is gone'
quiet stays
quiet igotchuu@masked.timer:
told 'igotchuu@masked.timer (masked): nothing runs by itself' # which the check says, and ends with 78
systemctl unmask --quiet igotchuu@masked.timer
rm /etc/igotchuu/jobs/masked.toml
active igotchuu@new.timer || fail 'the new timer does not run'
await 5 'the orphans to be forgotten' eval '[ -z "$(systemctl list-units --all --no-legend igotchuu@old.timer igotchuu-maintenance@usb.timer)" ]'
[ "$(systemctl show --property ActiveEnterTimestampMonotonic --value igotchuu@stays.timer)" = "$since" ] || fail 'a timer that ran was started anew'
exits 0 igotchuu reload
[ ! -s "$stage/said" ] || fail "nothing has changed, and it says: $(cat "$stage/said")"

echo "- an administrator's own timers, and what an administrator has stopped"
job by-hand <<<'sources = ["/srv"]'
for name in by-hand srv; do
    printf '[Timer]\nOnCalendar=yearly\n' >/etc/systemd/system/igotchuu@$name.timer
    systemctl start igotchuu@$name.timer
done
systemctl stop igotchuu@stays.timer
printf '[timer]\nRandomizedDelaySec = "1h"\n' >>/etc/igotchuu/defaults.toml # which is no schedule
exits 0 igotchuu reload
for name in by-hand srv; do
    active igotchuu@$name.timer || fail "igotchuu@$name.timer was stopped: $(cat "$stage/said")"
    quiet $name
done
! active igotchuu@stays.timer || fail 'what an administrator has stopped is started'
told 'igotchuu@stays.timer: stays stopped, as somebody has stopped it: systemctl start igotchuu@stays.timer'
systemctl start igotchuu@stays.timer
rm /etc/systemd/system/igotchuu@{by-hand,srv}.timer
systemctl stop igotchuu@{by-hand,srv}.timer

echo '- what looks how fresh a backup is comes and goes like the others'
printf 'objective-hours = 48\n%s' "$(cat /etc/igotchuu/jobs/stays.toml)" >"$stage/stays" && mv "$stage/stays" /etc/igotchuu/jobs/stays.toml
exits 0 igotchuu reload
told 'igotchuu-fresh@stays.timer: started'
timed stays
exits 0 igotchuu reload
told 'igotchuu-fresh@stays.timer: stopped, its file is gone'

echo '- one that systemd does not understand keeps no other from it'
timed zebra
job wrong <<<$'sources = ["/srv"]\n[timer]\nOnCalendar = "25:00"'
exits 78 igotchuu reload
told 'igotchuu-verify.service has found faults'
told /etc/igotchuu/jobs/wrong.toml
active igotchuu@new.timer || fail 'a fault of one stops another'
active igotchuu@zebra.timer || fail 'a fault of one keeps another from it'
timed wrong # it is mended
exits 0 igotchuu reload
active igotchuu@wrong.timer || fail 'a mended timer does not run'
systemctl mask --quiet igotchuu-verify
exits 0 igotchuu reload
told 'igotchuu-verify.service is masked'
