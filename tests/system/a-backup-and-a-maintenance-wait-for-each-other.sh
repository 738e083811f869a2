#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A maintenance that comes while a backup uses the repository is put off (75), is no failure, and comes by itself; and the other way round.
. "$(dirname "$0")/stage.sh"

maintained usb
mkdir -p /srv/d
head --bytes 6M /dev/urandom >/srv/d/x
restic_usb backup /srv/d
job d <<<$'sources = ["/srv/d"]\nsnapshot = "none"\nrepositories = ["usb"]\nexec-before-snapshot = ["/usr/bin/cat", "/srv/gate"]'
mkfifo /srv/gate
for unit in igotchuu@ igotchuu-maintenance@usb; do
    mkdir -p "/etc/systemd/system/${unit/%@/@d}.service.d"
    printf '[Service]\nRestartSec=500ms\nRestartSteps=0\n' >"/etc/systemd/system/${unit/%@/@d}.service.d/60-admin.conf"
done
reload
waits() { [ "$(systemctl show --property SubState --value "$1")" = auto-restart ]; }

systemctl start --no-block igotchuu@d
wait_for_phase d lock
reads_gate() { pgrep --exact cat >/dev/null; }
await 20 'the program before the snapshot' reads_gate
systemctl start --no-block igotchuu-maintenance@usb
await 30 'the maintenance to be put off' waits igotchuu-maintenance@usb
[ "$(last_maintenance usb .outcome)" = not-now ] || fail "it is $(last_maintenance usb .outcome)"
assert_says "$(last_maintenance usb .message)" 'a backup uses the repository usb'
! systemctl --failed --plain --no-legend | grep igotchuu || fail 'to be put off is no failure'
: >/srv/gate
wait_for_state igotchuu@d inactive
assert_outcome d success
maintained_now() { [ "$(last_maintenance usb .outcome)" = success ]; }
await 60 'the maintenance to come by itself' maintained_now
wait_for_state igotchuu-maintenance@usb inactive

throttle usb down 1000
systemctl start --no-block igotchuu-maintenance@usb
await 30 'restic check' restic_is check
assert_says "$(systemctl show --property StatusText igotchuu-maintenance@usb)" 'Checking it, and reading part 1 of 1'
systemctl start --no-block igotchuu@d
put_off() { [ "$(last d .outcome)" = not-now ]; }
await 30 'the backup to be put off' put_off
assert_says "$(last d .message)" 'the repository usb is being maintained'
wait_for_state igotchuu-maintenance@usb inactive
[ "$(last_maintenance usb .outcome)" = success ] || fail "$(last_maintenance usb .)"
: >/srv/gate
wait_for_state igotchuu@d inactive
assert_outcome d success
rm /srv/gate

# Another machine has it.
stand_in <<'SH'
case " $* " in *" prune "*) echo "unable to create lock in backend: repository is already locked by PID 7 on elsewhere" >&2; exit 11 ;; esac
SH
systemctl start --no-block igotchuu-maintenance@stand-in
await 30 'the record of the maintenance' test -e /var/lib/igotchuu/repositories/stand-in.json
[ "$(last_maintenance stand-in .outcome)" = not-now ] || fail "$(last_maintenance stand-in .)"
assert_says "$(last_maintenance stand-in .message)" 'PID 7 on elsewhere'
systemctl stop igotchuu-maintenance@stand-in
