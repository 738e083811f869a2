#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source in which nothing has changed since the last good backup: no restic, no password, a success that says so, and leaves nothing. Whatever changed, by
# whichever way, is backed up; so is everything after a run that was no clean success, after some days, and where anything else may be another.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo one >/srv/d/file
mkdir /srv/d/directory
btrfs --quiet subvolume create /srv/d/nested
echo one >/srv/d/nested/file
cheap_repository r
cheap_repository s
described() { printf 'sources = ["/srv/d"]\nrepositories = ["r", "s"]\nfull-every-days = 7\n%s\n' "${1-}" | job d; reload; }
described

snapshots() { find /srv/cheap/r/snapshots -type f | wc --lines; }
starts() { last d .restic_starts; }
back_up() { systemctl start igotchuu@d || fail "$(last d .message)"; assert_outcome d success; }
# unchanged: the run has nothing to do. backed_up WHAT: WHAT is a reason for a backup.
unchanged() {
    local before
    before=$(snapshots)
    remember_host
    back_up
    [ "$(starts)" = 0 ] || fail "$1: restic was started $(starts) times"
    [ "$(last d '[.repositories[].unchanged_since_usec > 0] | join(" ")')" = 'true true' ] || fail "$1: recorded: $(last d .repositories)"
    [ "$(snapshots)" = "$before" ] || fail "$1: there is another snapshot"
    assert_host_as_before
}
backed_up() {
    remember_host
    back_up
    [ "$(starts)" = 2 ] || fail "$1: restic was started $(starts) times: that is no backup to two repositories"
    assert_host_as_before
    unchanged "$1, and then nothing"
}

backed_up 'the first of all'
journal=$(journal_of igotchuu@d | tail -n 8)
assert_says "$journal" 'nothing has changed in 2 of them'
[ "$(jq '.history | length' /var/lib/igotchuu/jobs/d.json)" = 2 ] || fail 'nothing to do'
unchanged 'once more'
[ "$(jq '.history | length' /var/lib/igotchuu/jobs/d.json)" = 2 ] || fail 'each run that had nothing to do is in the history'
[ "$(last d '.repositories[0].summary | .snapshot_id')" = "$(on_r list snapshots)" ] || fail 'the record does not name the snapshot that is current'
[ "$(last d '.repositories[0].summary | [.files_new, .files_changed, .data_added, .total_files_processed] | join(" ")')" = '0 0 0 2' ] ||
    fail "recorded: $(last d .repositories[0].summary)"

# No password and no repository are needed for it.
mv /etc/igotchuu/r.key /etc/igotchuu/away
unchanged 'without a password'
mv /etc/igotchuu/away /etc/igotchuu/r.key

# What can change in a tree, each without a sync.
echo two >>/srv/d/file && backed_up 'more in a file'
printf x | dd of=/srv/d/file bs=1 conv=notrunc status=none && backed_up 'a byte in a file'
touch --reference /srv/d/file "$stage/times" && printf y | dd of=/srv/d/file bs=1 conv=notrunc status=none &&
    touch --reference "$stage/times" /srv/d/file && backed_up 'a byte in a file that got its old time back'
python3 - <<'PY'
import mmap
with open("/srv/d/file", "r+b") as file:
    mapped = mmap.mmap(file.fileno(), 0)
    mapped[0:1] = b"z"          # never synced, never unmapped in order
    import os, subprocess
    subprocess.run(["systemctl", "start", "igotchuu@d"], check=True)
    mapped[0:1] = b"w"
PY
[ "$(on_r dump "$(newest d)" /srv/d/file | head --bytes 1)" = z ] || fail 'what was written through a mapping is not in the backup'
backed_up 'a byte through a mapping that an earlier backup had seen'
[ "$(on_r dump "$(newest d)" /srv/d/file | head --bytes 1)" = w ] || fail 'what was written through a mapping again is not in the backup'
exec {open}<>/srv/d/file
printf v >&$open
backed_up 'through a descriptor that stays open'
printf u >&$open
backed_up 'through the same descriptor'
exec {open}>&-
truncate --size 1 /srv/d/file && backed_up 'a shorter file'
chmod 0600 /srv/d/file && backed_up 'a mode'
chown 1000 /srv/d/file && backed_up 'an owner'
setfattr --name user.colour --value blue /srv/d/file && backed_up 'an attribute'
setfattr --remove user.colour /srv/d/file && backed_up 'an attribute less'
touch /srv/d/file && backed_up 'a time'
mv /srv/d/file /srv/d/renamed && backed_up 'a name'
ln /srv/d/renamed /srv/d/directory/linked && backed_up 'a link'
rm /srv/d/directory/linked && backed_up 'a file less'
mkdir /srv/d/empty && backed_up 'a directory'
ln -s /nowhere /srv/d/link && backed_up 'a symbolic link'
fallocate --length 1M /srv/d/renamed && backed_up 'space for a file'
cp --reflink=always /srv/d/renamed /srv/d/cloned && backed_up 'a clone'
chattr +C /srv/d/empty && cp --reflink=never /srv/d/renamed /srv/d/empty/in-place && sync && backed_up 'a file that is written in place'
printf x | dd of=/srv/d/empty/in-place bs=1 conv=notrunc status=none && backed_up 'a byte in a file that is written in place'
mkdir -p /mnt/elsewhere && mount --bind /srv/d /mnt/elsewhere && umount /mnt/elsewhere
unchanged 'a mount that comes and goes'

# Subvolumes
echo two >>/srv/d/nested/file && backed_up 'a file in a nested subvolume'
btrfs --quiet subvolume create /srv/d/another && backed_up 'another nested subvolume'
btrfs --quiet subvolume delete /srv/d/another && backed_up 'a nested subvolume less'
btrfs --quiet subvolume snapshot /srv/d/nested /srv/d/copy && backed_up 'a snapshot in the source'
btrfs --quiet subvolume delete /srv/d/nested && mv /srv/d/copy /srv/d/nested && backed_up 'another one under the same name'
btrfs property set /srv/d/nested ro true && backed_up 'one that is read-only now, and no longer in the backup'
btrfs property set /srv/d/nested ro false && backed_up 'one that can be written to again'
btrfs --quiet subvolume create /srv/d/directory/deep && echo x >/srv/d/directory/deep/file && backed_up 'one deeper down'
mv /srv/d/directory /srv/d/moved && backed_up 'a directory with a subvolume, moved'
umount /srv/d
btrfs --quiet subvolume snapshot /mnt/top/d /mnt/top/e
mount -o subvol=e "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)" /srv/d
backed_up 'another subvolume of the same content in the source'"'"'s place'

# What changes nothing.
cat /srv/d/renamed >/dev/null
echo x >/mnt/top/d/other
sync
unchanged 'a write to another subvolume'
btrfs balance start --full-balance --enqueue /mnt/top >/dev/null 2>&1
unchanged 'a balance'
truncate --size 300M "$stage/more"
more=$(losetup --find --show "$stage/more")
undo() { losetup --detach "$more"; }
btrfs device add --force "$more" /mnt/top >/dev/null
unchanged 'a disk more'
btrfs device remove "$more" /mnt/top >/dev/null
unchanged 'a disk less'
systemctl start igotchuu-verify && unchanged 'a reload'

# What is written as soon as the snapshots are there, before anything is made of them, is the next run's.
mkdir /srv/programs
printf '#!/bin/sh -eu\necho READY\ncat\n[ ! -e /srv/programs/write ] || { rm /srv/programs/write; echo late >/srv/d/late; }\n' |
    install -m 0755 /dev/stdin /srv/programs/hold
described 'hold = [["/srv/programs/hold"]]' && backed_up 'a job that holds'
touch /srv/programs/write
unchanged 'a file that came after the snapshots'
[ "$(cat /srv/d/late)" = late ] || fail 'nothing was written: this tests nothing'
backed_up 'what the run before was too early for'
[ "$(on_r dump "$(newest d)" /srv/d/late)" = late ] || fail 'what came after the snapshots is in no backup'

# The job, and what it reads.
described 'exclude = ["*.tmp"]' && backed_up 'the job'
echo '*.bak' >/etc/igotchuu/patterns
described 'restic-args = ["--exclude-file=/etc/igotchuu/patterns"]' && backed_up 'the job again'
echo '*.old' >>/etc/igotchuu/patterns && backed_up 'a file of patterns'
described 'live = ["/srv/d"]'
back_up
[ "$(starts)" = 2 ] || fail 'a live source was taken for unchanged'
back_up
[ "$(starts)" = 2 ] || fail 'a live source was taken for unchanged'
described 'snapshot = "btrfs"'
backed_up 'frozen again'

# Time: the record says when the last real one was.
record() { jq --compact-output "$1" /var/lib/igotchuu/jobs/d.json >"$stage/record" && cat "$stage/record" >/var/lib/igotchuu/jobs/d.json; }
record '.up_to_date[].since_usec -= 6 * 86400 * 1000000' && unchanged 'six days'
record '.up_to_date[].since_usec -= 1 * 86400 * 1000000' && backed_up 'seven days'
record '.up_to_date[].since_usec += 2 * 86400 * 1000000' && backed_up 'a clock that was set back'

# One of two repositories.
rm /srv/cheap/s/snapshots/"$(last d '.repositories[1].summary.snapshot_id')"
back_up
[ "$(starts)" = 1 ] || fail "restic was started $(starts) times for the one repository that has lost its snapshot"
assert_says "$(journal_of igotchuu@d | tail -n 3)" 'nothing has changed in 1 of them'
unchanged 'the lost one is back'
echo three >/srv/d/three
mv /etc/igotchuu/s.key /etc/igotchuu/away
! systemctl start igotchuu@d 2>/dev/null || fail 'a backup without a password'
mv /etc/igotchuu/away /etc/igotchuu/s.key
back_up
[ "$(last d '[.repositories[] | [.repository, .unchanged_since_usec != null] | join(" ")] | join(", ")')" = 'r true, s false' ] ||
    fail "after a failure of s alone: $(last d .repositories)"
unchanged 'both'

# A run that was killed has been no good one, though nothing has changed.
record '.basis = "another"'
systemctl start --no-block igotchuu@d
wait_for_phase d restic
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
await 30 'its end' eval '! state_is igotchuu@d activating && ! state_is igotchuu@d deactivating'
assert_outcome d killed
systemctl reset-failed igotchuu@d
backed_up 'a killed run'

# Whoever wants a backup each time has one.
described && sed --in-place 's/^full-every-days.*/full-every-days = 0/' /etc/igotchuu/jobs/d.toml && reload
back_up && back_up
[ "$(starts)" = 2 ] || fail 'with full-every-days = 0 a run has done nothing'
