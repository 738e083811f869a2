#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Manager1.Reload: timers of jobs, of how fresh they are, and of maintenance start and stop with their files, broken ones and those for root's eyes alone among them; an administrator's
# own timers, and what an administrator has stopped, are left alone. That is what reload-starts-new-timers-and-stops-orphans.sh has of the command.
. "$(dirname "$0")/stage.sh"

undo() { rm -f /etc/systemd/system/igotchuu@{by-hand,srv}.timer; systemctl stop 'igotchuu@*.timer' 'igotchuu-fresh@*.timer' 'igotchuu-maintenance@*.timer'; }
reload_over_the_bus() {
    busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Reload || fail "the reload failed: $1"
    await 30 'the check of the units' eval '! state_is igotchuu-verify.service activating'
}
timed() { printf '%ssources = ["/srv"]\n[timer]\nOnCalendar = "yearly"\n' "${2-}" | job "$1"; }
# What is begun when the call returns is soon done.
run() { local timer; for timer; do await 10 "$timer.timer to run" state_is "$timer.timer" active; done; }
rest() { local timer; for timer; do await 10 "$timer.timer to rest" eval "! state_is $timer.timer active"; done; }

timed stays
timed old $'objective-hours = 48\n'
repository usb <<<$'location = "/srv/usb"\npassword-file = "/etc/igotchuu/key"\n[maintenance]\nOnCalendar = "weekly"'
timed secret $'objective-hours = 48\n'
chmod 0600 /etc/igotchuu/jobs/secret.toml
reload_over_the_bus 'new files'
run igotchuu@{stays,old,secret} igotchuu-fresh@{old,secret} igotchuu-maintenance@usb

echo "- an administrator's own timers, and what an administrator has stopped"
job by-hand <<<'sources = ["/srv"]'
for name in by-hand srv; do
    printf '[Timer]\nOnCalendar=yearly\n' >/etc/systemd/system/igotchuu@$name.timer
    systemctl start igotchuu@$name.timer
done
systemctl stop igotchuu@stays.timer igotchuu-fresh@secret.timer
rm /etc/igotchuu/jobs/old.toml /etc/igotchuu/repositories/usb.toml
reload_over_the_bus 'files that are gone'
run igotchuu@{by-hand,srv,secret}
rest igotchuu@{stays,old} igotchuu-fresh@{old,secret} igotchuu-maintenance@usb
await 10 'them to be forgotten' eval '[ -z "$(systemctl list-units --all --no-legend igotchuu@old.timer igotchuu-fresh@old.timer igotchuu-maintenance@usb.timer)" ]'

echo '- a file that is broken for a while'
systemctl start igotchuu-fresh@secret.timer
echo 'sourcs = []' >>/etc/igotchuu/jobs/secret.toml
reload_over_the_bus 'a broken file'
run igotchuu@secret igotchuu-fresh@secret
