#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu reload: timers of new files start, those of files that are gone stop and are forgotten, those that run are left alone, a masked one stays masked; and what systemd
# did not understand is said, with 78. Without the bus as well.
. "$(dirname "$0")/stage.sh"

undo() { systemctl unmask --quiet igotchuu@masked.timer; systemctl stop 'igotchuu@*.timer' 'igotchuu-maintenance@*.timer'; }
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
exits 0 unshare --mount bash -c 'mount -t tmpfs none /run/dbus && exec igotchuu reload'
told 'igotchuu@new.timer: started'
told 'igotchuu@old.timer: stopped, its file is gone'
told 'igotchuu-maintenance@usb.timer: stopped, its file is gone'
quiet stays
quiet masked
active igotchuu@new.timer || fail 'the new timer does not run'
await 5 'the orphans to be forgotten' eval '[ -z "$(systemctl list-units --all --no-legend igotchuu@old.timer igotchuu-maintenance@usb.timer)" ]'
[ "$(systemctl show --property ActiveEnterTimestampMonotonic --value igotchuu@stays.timer)" = "$since" ] || fail 'a timer that ran was started anew'
exits 0 igotchuu reload
[ ! -s "$stage/said" ] || fail "nothing has changed, and it says: $(cat "$stage/said")"

job wrong <<<$'sources = ["/srv"]\n[timer]\nOnCalendar = "25:00"'
exits 78 igotchuu reload
told 'igotchuu-verify.service has found faults'
told /etc/igotchuu/jobs/wrong.toml
active igotchuu@new.timer || fail 'a fault of one stops another'
