#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# S3: a schedule that systemd does not understand fails igotchuu-verify.service, which names file and key; of two the good one works; mended, the
# timer runs again with nothing but a reload; a file may be a link to where only root comes. A timer that counts from a run before, and never begins, is
# red until there was one. A look that comes to no end is red, too.
. "$(dirname "$0")/stage.sh"

timer() { job "$1" <<<$'sources = ["/srv"]\n[timer]\n'"OnCalendar = $2"; }
next() { systemctl show --property NextElapseUSecRealtime --value "igotchuu@$1.timer"; }
timer bad '"*:18,48,78"'
timer two '["daily", "some day"]'
timer good '"daily"'
systemctl daemon-reload
systemctl start timers.target || true
wait_for_state igotchuu-verify.service failed
said=$(journal_of igotchuu-verify.service)
assert_says "$said" /etc/igotchuu/jobs/bad.toml
assert_says "$said" '*:18,48,78'
assert_says "$said" /etc/igotchuu/jobs/two.toml
assert_says "$said" 'some day'
! grep --quiet good.toml <<<"$said" || fail 'a good job is blamed'
[ -n "$(next good)" ] || fail 'the good timer does not run'
[ -n "$(next two)" ] || fail 'the good one of two times does not work'
systemctl start igotchuu@bad 2>/dev/null && fail 'there is no /srv on btrfs: the job ran?'
[ "$(systemctl show --property LoadState --value igotchuu@bad.service)" = loaded ] || fail 'the job is missing'

timer bad '"*:18,48"'
timer two '"daily"'
systemctl reset-failed
reload
mv /etc/igotchuu/jobs/two.toml /root/two.toml
ln -s /root/two.toml /etc/igotchuu/jobs/two.toml
systemctl start igotchuu-verify.service || fail 'mended, and still red'
mv /root/two.toml /etc/igotchuu/jobs/two.toml
[ "$(systemctl show --property ActiveState --value igotchuu@bad.timer)" = active ] || fail 'the mended timer is dead'
[ -n "$(next bad)" ] || fail 'the mended timer has no next time'

# It ran, and was wrong for a while: systemd leaves it dead, and that is said.
timer good '"some day"'
reload
timer good '"daily"'
systemctl reset-failed
reload
wait_for_state igotchuu-verify.service failed
assert_says "$(journal_of igotchuu-verify.service)" "good.toml: its timer igotchuu@good.timer has no next time. If its schedule has one, it had none before: systemctl restart 'igotchuu@good.timer'"
systemctl restart igotchuu@good.timer
[ -n "$(next good)" ] || fail 'restarted, and it has no next time'
systemctl reset-failed
systemctl start igotchuu-verify.service || fail 'restarted, and still red'

job often <<<$'sources = ["/srv"]\n[timer]\nOnUnitActiveSec = "1h"'
reload
wait_for_state igotchuu-verify.service failed
assert_says "$(journal_of igotchuu-verify.service)" "often.toml: its timer igotchuu@often.timer counts from a run before, and there was none since the boot: nothing runs by itself"
! systemctl start igotchuu@often 2>/dev/null || fail 'there is no /srv on btrfs: the job ran?'
systemctl reset-failed
systemctl start igotchuu-verify.service || fail 'it has run, and is still red'

# It is killed, or says of no unit what is wrong.
cut_short() {
    printf '#!/bin/sh\n%s\n' "$1" | install -m 0755 /dev/stdin "$stage/analyze"
    mount --bind "$stage/analyze" /usr/bin/systemd-analyze
    said=$(/usr/libexec/igotchuu-exec verify 2>&1) && fail 'nobody has looked at the units, and that is fine'
    umount /usr/bin/systemd-analyze
    assert_says "$said" "cannot check the lines of the units: systemd-analyze verify $2"
}
cut_short 'kill -KILL $$' 'was ended by signal 9'
cut_short 'echo "Failed to initialize manager" >&2; exit 1' 'ended with exit status 1: Failed to initialize manager'
cut_short 'exit 1' 'ended with exit status 1'
