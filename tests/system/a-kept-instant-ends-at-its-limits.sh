#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An instant is kept for an absent repository for some days, up to a number, and while there is space: then it goes, loudly, and who has to do without has failed.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
cheap_repository r
printf 'location = "/mnt/usb/restic"\npassword-file = "/etc/igotchuu/r.key"\n' | repository usb
seen usb
remember_host
pending() { printf 'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\n[pending]\n%s\n' "$1" | job d; reload; systemctl reset-failed; }
count() { jq '.instants | length' /var/lib/igotchuu/kept/d.json 2>/dev/null || echo 0; }
snapshots() { ls /mnt/top/.igotchuu | wc --lines; }
assert_kept() { [ "$(count) $(snapshots)" = "$1 $1" ] || fail "$(count) are listed and $(snapshots) are there, not $1"; }
edit() { jq --compact-output "$1" /var/lib/igotchuu/kept/d.json >"$stage/kept" && cat "$stage/kept" >/var/lib/igotchuu/kept/d.json; }
fails() { ! systemctl start "$1" || fail "$1 did not fail"; systemctl reset-failed "$1"; }

# Two of them: the oldest goes for a third, which is no failure.
pending ''
for expected in 1 2 2; do
    systemctl start igotchuu@d
    assert_outcome d pending
    assert_kept $expected
    next_second
done
assert_says "$(journal_of igotchuu@d)" 'which usb has not got, is given up: newer ones are kept (pending.instants = 2)'

# Days: seen by the timer's look, and then the repository has failed.
edit '.instants[0].kept_usec -= 8 * 86400 * 1000000'
/usr/libexec/igotchuu-exec pending --start
failed() { [ "$(systemctl is-failed igotchuu-send@d)" = failed ]; }
await 30 'the send to fail' failed
systemctl reset-failed igotchuu-send@d
assert_outcome d failed
assert_says "$(last d .message)" 'is given up: it was kept for 7 days (pending.days)'
assert_says "$(last d .message)" usb
assert_kept 1

# A repository that has been absent for longer is a failure each time, though the newest instants are kept.
edit '.instants[0].repositories[0].since_usec -= 8 * 86400 * 1000000'
fails igotchuu@d
assert_outcome d failed
assert_says "$(last d .message)" 'longer than 7 days (pending.days)'
assert_kept 2

# Space: 90 % have to be free.
dd if=/dev/urandom of=/srv/d/big bs=1M count=150 status=none
sync --file-system /srv/d
pending $'instants = 5\nfree-percent = 90'
fails igotchuu@d
assert_says "$(last d .message)" 'less than 90 % of its file system is free (pending.free-percent)'
assert_kept 2

/usr/libexec/igotchuu-exec pending --start
await 30 'the send to fail' failed
systemctl reset-failed igotchuu-send@d
assert_kept 1

# Space for metadata: none is left to be taken from, though most of that for data is free.
/usr/libexec/igotchuu-exec pending --drop d
rm /srv/d/big
btrfs filesystem sync /mnt/top && btrfs --quiet subvolume sync /mnt/top
for number in {1..48}; do
    head --bytes 10M /dev/urandom >"/srv/d/$number"
    sync --file-system /srv/d
done
for number in {1..48}; do
    [ $((number % 6)) = 0 ] || rm "/srv/d/$number"
done
mkdir /srv/d/small
python3 -c 'import os, pathlib
for number in range(6000): pathlib.Path(f"/srv/d/small/{number}").write_bytes(os.urandom(2000))'
sync --file-system /srv/d
[ "$(df --output=pcent /srv/d | tail -n 1 | tr --delete ' %')" -lt 40 ] || fail 'there is no space for data either: this tests nothing'
pending $'instants = 5\nfree-percent = 60'
fails igotchuu@d
assert_says "$(last d .message)" 'the instant is not kept for it: less than 60 % is free (pending.free-percent)'
rm -r /srv/d/[1-9]* /srv/d/small

# Whoever wants none has none, and fails at once.
pending 'days = 0'
fails igotchuu@d
assert_outcome d failed
assert_kept 0
fails igotchuu@d
assert_says "$(last d .message)" 'is its disk mounted?'
assert_kept 0

# A snapshot that somebody has deleted is off the list.
pending ''
systemctl start igotchuu@d
assert_kept 1
find /mnt/top/.igotchuu -mindepth 3 -maxdepth 3 -name snapshot -exec btrfs --quiet subvolume delete {} +
rm -r /mnt/top/.igotchuu/*
fails igotchuu@d
assert_says "$(last d .message)" 'is gone'
assert_kept 1

# Who is there again and has to do without an old instant has today's backup all the same, though the run is a failure.
jq --compact-output '(.history[].repositories[] | select(.repository == "usb")).outcome = "success"' /var/lib/igotchuu/jobs/d.json >"$stage/record"
cat "$stage/record" >/var/lib/igotchuu/jobs/d.json # it has had one before: no first upload, which would be sent at once
edit '.instants[0] |= (.kept_usec -= 8 * 86400 * 1000000 | .repositories += [.repositories[0] | .repository = "r"])'
next_second
fails igotchuu@d
assert_outcome d failed
assert_says "$(last d .message)" 'r: the instant of '
[ "$(last d '.repositories[] | select(.repository == "r").outcome')" = success ] || fail 'an old instant condemns the backup of today'
[ "$(last d '.repositories[] | select(.repository == "usb").outcome')" = failed ] || fail 'who has nothing has not failed'
assert_kept 1

# Where no repository is there, one instant a day stands for all; one of a day that has not come yet does not.
/usr/libexec/igotchuu-exec pending --drop d
printf 'sources = ["/srv/d"]\nrepositories = ["usb"]\n' | job d
reload
tries() { /usr/libexec/igotchuu-exec backup d >/dev/null 2>&1 || [ $? = 75 ] || fail 'it did not come to nothing'; }
tries
tries
assert_kept 1
edit '.instants[0].kept_usec += 400 * 86400 * 1000000'
next_second
tries
assert_kept 2

# A send that has failed is told of until the next good run; its unit, which stays failed, is no news then.
/usr/libexec/igotchuu-exec pending --drop d
pending ''
next_second
systemctl start igotchuu@d
edit '.instants[0].kept_usec -= 8 * 86400 * 1000000'
/usr/libexec/igotchuu-exec pending --start
await 30 'the send to fail' failed
assert_kept 0
told=$(igotchuu status d) && fail 'nobody is told that it was given up'
assert_says "$told" 'd: what is kept was sent, and that ended as failed '
printf 'sources = ["/srv/d"]\nrepositories = ["r"]\n' | job d
reload
next_second
systemctl start igotchuu@d
failed || fail 'the unit has not failed: this tests nothing'
told=$(igotchuu status d) || fail "what was sent before the last run is told of for ever: $told"

# What is live cannot be kept: such a job fails, as without all this.
printf 'sources = ["/srv/d"]\nsnapshot = "none"\nrepositories = ["r", "usb"]\n' | job d
reload
fails igotchuu@d
assert_outcome d failed
assert_says "$(last d .message)" 'the instant cannot be kept for it'
assert_kept 0
assert_host_as_before
