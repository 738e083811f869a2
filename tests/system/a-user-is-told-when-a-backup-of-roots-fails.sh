#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The script of com.nyantec.igotchuu(5) as it stands there, in a user's session: a notification for each backup that failed, with its name and where
# to look; none for one that is complete, or was stopped, or that somebody else only claims to have failed.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo file >/srv/d/file
stand_in <<'SH'
case $(cat $here/next) in
well) echo "$summary" ;;
wait) exec sleep 1000 ;;
badly) echo 'Fatal: no repository' >&2; exit 1 ;;
esac
SH
next() { echo "$1" >/srv/stand-in/next; }

user alice
undo() { systemctl --quiet stop desktop; userdel --remove alice; }
example com.nyantec.igotchuu.5.scd.in '#!/usr/bin/python3' >/home/alice/tell-me
chmod 0755 /home/alice/tell-me
shown=$stage/shown
# shellcheck disable=SC2016
systemd-run --quiet --pipe --collect --unit=desktop --uid=alice dbus-run-session -- sh -c '"$1" & exec /home/alice/tell-me' sh \
    "$(realpath "$(dirname "$0")/notifications.py")" >"$shown" 2>"$stage/session" &
await 20 'the desktop' grep --quiet --no-messages ready "$shown"
listens() {
    busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.Debug.Stats GetAllMatchRules | grep --quiet RunEnded
}
await 20 'the script to listen' listens

next badly
! systemctl start igotchuu@d 2>/dev/null || fail 'the backup did not fail'
assert_outcome d failed
told() { [ "$(grep --count --fixed-strings 'Backup d: failed|See: journalctl -u igotchuu@d.service' "$shown")" = "$1" ]; }
await 20 'the notification' told 1

next well
systemctl start igotchuu@d
next wait
systemctl start --no-block igotchuu@d
wait_for_phase d restic
systemctl stop igotchuu@d
assert_outcome d stopped
runuser -u alice -- busctl emit /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 RunEnded sst 0123 failed 1

next badly
! systemctl start igotchuu@d 2>/dev/null || fail 'the backup did not fail'
await 20 'the second notification' told 2
[ "$(grep --count '|' "$shown")" = 2 ] || fail "this was shown: $(cat "$shown")"
[ ! -s "$stage/session" ] || fail "the script says: $(cat "$stage/session")"
