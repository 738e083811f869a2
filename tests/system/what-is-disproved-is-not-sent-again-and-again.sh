#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A kept instant goes to a disk whose repository is damaged, and is disproved there. It stays kept, and for a day it is sent there again neither by what watches for the disk nor
# by the job's own runs: each try would leave one more snapshot, and take a run's place in the history. Whoever starts the send gets it at once.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
for number in 1 2 3; do head --bytes 100k /dev/urandom >/srv/d/$number; done
cheap_repository r
(umask 0077 && echo usb >/etc/igotchuu/usb.key)
on_usb() { restic --quiet --no-cache --repo /srv/drawer/usb/restic --password-file /etc/igotchuu/usb.key "$@"; }
mkdir -p /srv/drawer/usb
on_usb init
"$(dirname "$0")/cheap-key.py" /srv/drawer/usb/restic /etc/igotchuu/usb.key
printf 'location = "/srv/drawer/usb/restic"\npassword-file = "/etc/igotchuu/usb.key"\n' | repository usb
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\nprove = "full"\nprove-every-days = 0'
reload
remember_host
exec=/usr/libexec/igotchuu-exec
kept() { jq --raw-output "$1" /var/lib/igotchuu/kept/d.json; }
in_usb() { on_usb snapshots --json | jq length; }
# The last run is one that has sent the kept instant, and in vain.
assert_sent_in_vain() {
    wait_for_state igotchuu-send@d failed
    assert_outcome d disproved
    [ "$(last d .kept_run)" = "$run" ] || fail "the last run has sent nothing: $(last d .)"
    [ "$(in_usb)" = "$1" ] || fail "there are $(in_usb) snapshots, not $1"
    [ "$(kept '.instants | map(.run) | join(" ")')" = "$run" ] && [ -d "/mnt/top/.igotchuu/d:$run" ] || fail 'the only good one is gone'
    [ "$(kept '.instants[0].repositories[0].disproved_usec')" -ge "$2" ] || fail "when it was disproved is not known: $(kept .)"
    systemctl reset-failed igotchuu-send@d
}

systemctl start igotchuu@d
assert_outcome d success
mv /srv/drawer /srv/elsewhere
find /srv/elsewhere/usb/restic/data -type f -size +64k | while read -r pack; do
    python3 -c 'import os, sys; os.chmod(sys.argv[1], 0o600); f = open(sys.argv[1], "r+b"); f.seek(5000); b = f.read(1)[0]; f.seek(5000); f.write(bytes([b ^ 1]))' "$pack"
done
next_second
systemctl start igotchuu@d
assert_outcome d pending
run=$(kept '.instants[0].run')
began=$(date +%s%6N)
mv /srv/elsewhere /srv/drawer
$exec pending --start
sent() { [ "$(last d .kept_run)" = "$run" ]; }
await 60 'the send' sent
assert_sent_in_vain 2 "$began"
assert_says "$($exec pending)" 'for usb, disproved when it was sent there at '
said=$(igotchuu status d) && fail 'status is content with what is disproved'
assert_says "$said" 'for usb, where its backup was disproved, not sent again before '
assert_says "$(journal_of igotchuu-send@d)" 'stays kept for usb, where its backup was disproved'

# Nobody sends it by himself.
$exec pending --start
[ -z "$(systemctl list-jobs --no-legend 'igotchuu-send@*')" ] && state_is igotchuu-send@d inactive || fail 'it is sent again'
[ "$(in_usb)" = 2 ] || fail "it was sent again: there are $(in_usb) snapshots"
next_second
! systemctl start igotchuu@d 2>/dev/null || fail 'made of what is damaged, it is a success'
[ "$(last d .kept_run)" = '' ] || fail 'a run of the job has sent it again'
[ "$(in_usb)" = 3 ] || fail "there are $(in_usb) snapshots"
systemctl reset-failed igotchuu@d

# By hand it goes at once, by the unit and without it.
began=$(date +%s%6N)
! systemctl start igotchuu-send@d 2>/dev/null || fail 'sent to what is damaged, it is a success'
assert_sent_in_vain 4 "$began"
! $exec send d 2>/dev/null || fail 'sent to what is damaged, it is a success'
[ "$(in_usb)" = 5 ] || fail "there are $(in_usb) snapshots"

# After a day it is tried again.
jq --compact-output '.instants[0].repositories[0].disproved_usec -= 86400000000' /var/lib/igotchuu/kept/d.json >"$stage/list"
cat "$stage/list" >/var/lib/igotchuu/kept/d.json
assert_says "$($exec pending)" 'for usb, absent since '
began=$(date +%s%6N)
$exec pending --start
tried() { [ "$(kept '.instants[0].repositories[0].disproved_usec')" -ge "$began" ]; }
await 60 'the send' tried
assert_sent_in_vain 6 "$began"
$exec pending --drop d
assert_host_as_before
