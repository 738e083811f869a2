#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a run meets, with the real restic and with one that says names and secrets wherever it can: not a word of them is on the bus, for root's eavesdroppers
# neither.
. "$(dirname "$0")/stage.sh"

canary=canary-7f3a
run() { systemctl start igotchuu@d 2>/dev/null || true; }
stdbuf --output=L dbus-monitor --system >"$stage/dbus-monitor" 2>&1 &
stdbuf --output=L busctl monitor >"$stage/busctl-monitor" 2>&1 &
await 10 'the monitors' eval 'grep --quiet NameLost "$stage/dbus-monitor" && grep --quiet --ignore-case monitoring "$stage/busctl-monitor"'
listen
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir "/srv/d/$canary-directory"
echo "$canary" >"/srv/d/$canary-file"
btrfs --quiet subvolume create "/srv/d/$canary-subvolume"

# the real one: success, a file that cannot be read, a wrong password, a repository that is not there
mkdir -p "/srv/$canary-repository"
(umask 0077 && echo "$canary-secret" >"$stage/password")
restic --quiet init --repo "/srv/$canary-repository" --password-file "$stage/password"
install -m 0600 "$stage/password" /srv/password
repository canary <<<"location = \"/srv/$canary-repository\"
password-file = \"/srv/password\""
job d <<<$'sources = ["/srv/d"]\nrepositories = ["canary"]\npending.days = 0'
reload
systemctl start igotchuu@d
mkdir -p "/srv/d/$canary-mounted" && mount -t tmpfs tmpfs "/srv/d/$canary-mounted" && touch "/srv/d/$canary-mounted/f"
run
umount "/srv/d/$canary-mounted"
echo wrong >/srv/password
run
assert_outcome d failed
mv "/srv/$canary-repository" /srv/away
run
assert_outcome d failed
rm -r /srv/away /srv/password

# the stand-in: names where restic has them, and a secret where it has none
stand_in <<SH
echo '{"message_type":"status","percent_done":0.5,"total_files":1,"current_files":["/srv/d/$canary-file"]}'
echo '{"message_type":"verbose_status","action":"new","item":"/srv/d/$canary-file"}'
echo '$canary-secret in plain text'
echo '{"message_type":"error","error":{"message":"open /srv/d/$canary-file: denied"},"during":"archival","item":"/srv/d/$canary-file"}' >&2
echo '{"message_type":"exit_error","code":1,"message":"$canary-secret is wrong"}' >&2
echo '$canary-secret on stderr' >&2
echo "\$summary"
eval "\$(cat \$here/ending)"
SH
for ending in 'exit 0' 'exit 1' 'exit 3' 'kill -SEGV $$' 'exit 12'; do
    echo "$ending" >/srv/stand-in/ending
    run
done
# a job with faults, whose sentences name what is in it
job d <<<"sources = [\"/srv/d/$canary-missing\"]
password = \"$canary-secret\""
reload
run
await 60 'the last of them' heard_at_least RunEnded 10
assert_outcome d bad-configuration
[ -n "$(journalctl --since "@$stage_began" --grep "$canary-file")" ] || fail 'the journal, which may, does not know the names either: this test tests nothing'
kill $(jobs -p) # the monitors, and what they hold back
wait || true
! grep --text "$canary" "$stage/heard" "$stage/dbus-monitor" "$stage/busctl-monitor" || fail 'it was broadcast'
grep --quiet igotchuu1 "$stage/dbus-monitor" || fail 'dbus-monitor saw nothing'
grep --quiet igotchuu1 "$stage/busctl-monitor" || fail 'busctl saw nothing'
