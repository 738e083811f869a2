#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A repository file that is wrong has a timer and a red unit, which names each fault; a schedule that systemd does not understand is a red check; a change that was not
# reloaded does not run; and a timer whose file went away never fires, and is named.
. "$(dirname "$0")/stage.sh"

repository typo <<'EOT'
location = "/srv/typo"
password-file = "/etc/typo"
[maintenance]
check-subst = "5%"
Unit = "sshd.service"
EOT
systemctl daemon-reload
systemctl start timers.target
[ "$(systemctl show --property Description --value igotchuu-maintenance@typo)" = 'igotchuu maintenance of the repository typo (broken configuration)' ]
[ "$(systemctl is-active igotchuu-maintenance@typo.timer)" = active ] || fail 'a broken repository has no timer'
! systemctl start igotchuu-maintenance@typo 2>/dev/null || fail 'it ran'
assert_exit igotchuu-maintenance@typo 78
said=$(journal_of igotchuu-maintenance@typo)
assert_says "$said" '/etc/igotchuu/repositories/typo.toml:4:1: unknown key "maintenance.check-subst"; did you mean "maintenance.check-subset"?'
assert_says "$said" '/etc/igotchuu/repositories/typo.toml:5:1: maintenance.Unit cannot be set'
[ "$(last_maintenance typo .outcome)" = bad-configuration ] || fail 'the record does not say so'

repository typo <<<$'location = "/srv/typo"\npassword-file = "/etc/typo"\n[maintenance]\nOnCalendar = "some day"'
! systemctl start igotchuu-maintenance@typo 2>/dev/null || fail 'it ran'
assert_says "$(journal_of igotchuu-maintenance@typo)" daemon-reload
systemctl daemon-reload
systemctl start timers.target || true
wait_for_state igotchuu-verify.service failed
assert_says "$(journal_of igotchuu-verify.service)" '/etc/igotchuu/repositories/typo.toml: OnCalendar=some day'

repository typo <<<$'location = "/srv/typo"\npassword-file = "/etc/typo"\n[maintenance]\nOnCalendar = "yearly"'
systemctl reset-failed
reload
systemctl restart igotchuu-maintenance@typo.timer # it was running when it was wrong
systemctl reset-failed
systemctl start igotchuu-verify.service || fail 'mended, and still red'
[ -n "$(systemctl show --property NextElapseUSecRealtime --value igotchuu-maintenance@typo.timer)" ] || fail 'the mended timer has no next time'

rm /etc/igotchuu/repositories/typo.toml
systemctl daemon-reload
[ "$(systemctl show --property LoadState --value igotchuu-maintenance@typo.timer)" != loaded ] || fail 'the timer of a file that is gone is still whole'
systemctl start timers.target
wait_for_state igotchuu-verify.service failed
assert_says "$(journal_of igotchuu-verify.service)" 'igotchuu-maintenance@typo.timer is still there, but its repository file'
! systemctl start igotchuu-maintenance@typo 2>/dev/null || fail 'a repository without a file was maintained'
assert_says "$(journal_of igotchuu-maintenance@typo)" 'there is no repository "typo"'
systemctl stop igotchuu-maintenance@typo.timer
