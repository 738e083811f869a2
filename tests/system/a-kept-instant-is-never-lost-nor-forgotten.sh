#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A kept instant outlives other jobs' runs, kills in the middle of a send, and its job's file; and there is always somebody who names it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/e
head --bytes 20M /dev/urandom >/srv/d/file
echo x >/srv/e/file
cheap_repository r
(umask 0077 && echo usb >/etc/igotchuu/usb.key)
printf 'location = "/srv/drawer/usb/restic"\npassword-file = "/etc/igotchuu/usb.key"\n' | repository usb
seen usb
undo() { tmux kill-server; rm -rf /srv/drawer; }
absent() { rm -rf /srv/drawer; }
there() { # as a disk that nobody has mounted: igotchuu-pending sees it
    mkdir -p /srv/drawer/usb
    restic --quiet --no-cache --repo /srv/drawer/usb/restic --password-file /etc/igotchuu/usb.key init
    "$(dirname "$0")/cheap-key.py" /srv/drawer/usb/restic /etc/igotchuu/usb.key
}
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\nrestic-args = ["--limit-upload=4000"]'
job e <<<$'sources = ["/srv/e"]\nrepositories = ["r"]'
reload
remember_host
kept() { jq --raw-output "$1" /var/lib/igotchuu/kept/d.json; }
nothing_is_kept() { [ ! -e /var/lib/igotchuu/kept/d.json ]; }

# Killed before it could list what it keeps, or later: listed, or reaped.
systemctl start igotchuu@d
assert_outcome d pending
run=$(kept '.instants[0].run')

# Another job on the same file system reaps, and leaves it.
systemctl start igotchuu@e
[ -d "/mnt/top/.igotchuu/d:$run" ] || fail 'another job has reaped it'
# A list that nobody understands protects as well.
cp /var/lib/igotchuu/kept/d.json "$stage/list"
echo garbage >/var/lib/igotchuu/kept/d.json
systemctl start igotchuu@e
[ -d "/mnt/top/.igotchuu/d:$run" ] || fail 'another job has reaped what a damaged list may name'
assert_says "$(journal_of igotchuu@e)" 'cannot be read, or is of another version'
cat "$stage/list" >/var/lib/igotchuu/kept/d.json

# Killed in the middle of a send, by hand and in the unit: it stays, and the next one completes it.
there
sending() { [ "$(jq --raw-output '.phase' /run/igotchuu/state/d.json 2>/dev/null)" = restic ]; }
systemctl start --no-block igotchuu-send@d
await 30 'the send' sending
systemctl kill --kill-whom=main --signal=KILL igotchuu-send@d
wait_for_state igotchuu-send@d failed
assert_outcome d killed
systemctl reset-failed igotchuu-send@d
[ "$(kept '.instants[0].run')" = "$run" ] && [ -d "/mnt/top/.igotchuu/d:$run" ] || fail 'a kill has lost it'
/usr/libexec/igotchuu-exec send d 2>/dev/null &
await 30 'the send' sending
kill -KILL $!
wait $! || true
gone() { ! pgrep --exact restic >/dev/null; }
await 10 'restic to die with its parent' gone
[ -d "/mnt/top/.igotchuu/d:$run" ] || fail 'a kill by hand has lost it'
/usr/libexec/igotchuu-exec pending --start
await 60 'the send' nothing_is_kept
wait_for_state igotchuu-send@d inactive
assert_outcome d success
[ "$(last d .kept_run)" = "$run" ] || fail 'it was another one'
assert_host_as_before

# A send waits for what its job waits for.
absent
systemctl start igotchuu@d
mkdir -p /mnt/drawer
printf '[wait]\nmounted = ["/mnt/drawer"]\n' >>/etc/igotchuu/jobs/d.toml
reload
there
systemctl start igotchuu-send@d
[ "$(kept '.instants | length')" = 1 ] || fail 'it was sent, though its job waits'
assert_says "$(journal_of igotchuu-send@d)" 'nothing is sent as yet: nothing is mounted on /mnt/drawer'
mount -t tmpfs drawer /mnt/drawer
systemctl start igotchuu-send@d
nothing_is_kept || fail "it was not sent: $(last d .message)"
umount /mnt/drawer

# What cannot be opened for another reason than that it is gone stays on the list, until it can: here, snapshots of a method that this machine has not got.
absent
mount -t tmpfs drawer /mnt/drawer
systemctl start igotchuu@d
cp /var/lib/igotchuu/kept/d.json "$stage/list"
jq --compact-output '.instants[0] |= (.sources[].method = "lvm-thin" | .trees[].method = "lvm-thin" | .trees[].place = "vg/snapshot ext4 /")' "$stage/list" \
    >/var/lib/igotchuu/kept/d.json
! /usr/libexec/igotchuu-exec pending --drop d 2>"$stage/said" || fail 'it was dropped, and is still there'
assert_says "$(cat "$stage/said")" 'LVM is not installed'
[ "$(kept '.instants | length')" = 1 ] || fail 'it is not on the list any more'
cat "$stage/list" >/var/lib/igotchuu/kept/d.json
umount /mnt/drawer
systemctl start igotchuu@e

# The job's file goes away, or gets another name: every run says so, verify fails, and it can be dropped.
rm /etc/igotchuu/jobs/d.toml
reload
! /usr/libexec/igotchuu-exec verify 2>"$stage/said" || fail 'verify does not see it'
assert_says "$(cat "$stage/said")" "igotchuu-exec pending --drop 'd'"
assert_says "$(/usr/libexec/igotchuu-exec pending)" 'the job is gone'
systemctl start igotchuu@e
assert_says "$(journal_of igotchuu@e)" 'The job d is gone, and 1 instant of it is kept'
run=$(kept '.instants[0].run')
! /usr/libexec/igotchuu-exec pending --drop d 0123456789abcdef0123456789abcdef 2>/dev/null || fail 'it dropped another run'
/usr/libexec/igotchuu-exec pending --drop d "$run"
nothing_is_kept || fail 'it was not dropped'
[ -z "$(ls /mnt/top/.igotchuu)" ] || fail "left: $(ls /mnt/top/.igotchuu)"
/usr/libexec/igotchuu-exec verify || fail 'verify still complains'
assert_host_as_before

# Who reloads on a terminal is asked: Enter leaves it, y drops it. Elsewhere nobody is.
shows() { tmux capture-pane -p -t person | grep --quiet --fixed-strings -- "$1"; }
typed() { tmux -f /dev/null set-option -s exit-empty off \; new-session -d -s person -x 200 -y 24 "$1; echo \"it exited with \$?\"; cat"; }
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]'
reload
systemctl start igotchuu@d
assert_outcome d pending
rm /etc/igotchuu/jobs/d.toml
status=0
igotchuu reload >"$stage/said" 2>&1 </dev/null || status=$?
[ $status = 78 ] || fail "without a terminal it exits with $status: $(cat "$stage/said")"
assert_says "$(cat "$stage/said")" "igotchuu-exec pending --drop 'd'"
! grep --quiet 'Drop it?' "$stage/said" || fail "nobody is there, and it asks: $(cat "$stage/said")"
typed 'igotchuu reload'
await 30 'the question' shows 'Drop it? (y: yes; Enter: no):'
shows "d: the job's file is gone, and 1 instant of it is kept since $(date --date="@$(($(kept '.instants[0].kept_usec') / 1000000))" '+%F %T') for usb" ||
    fail "it does not say what is kept: $(tmux capture-pane -p -t person)"
tmux send-keys -t person Enter
await 60 'the end' shows 'it exited with 78'
[ "$(kept '.instants | length')" = 1 ] || fail 'Enter is not a No'
tmux kill-session -t person
typed 'igotchuu reload'
await 30 'the question' shows 'Drop it?'
tmux send-keys -t person y Enter
await 60 'the end' shows 'it exited with 0'
nothing_is_kept || fail 'it was not dropped'
[ -z "$(ls /mnt/top/.igotchuu)" ] || fail "left: $(ls /mnt/top/.igotchuu)"
assert_host_as_before
