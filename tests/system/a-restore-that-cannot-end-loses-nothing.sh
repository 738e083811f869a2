#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A full disk, a read-only one, one that keeps no rights, a stop: one clear line each; what is there stays as it was, and the same restore goes on where a stop has cut it.
. "$(dirname "$0")/stage.sh"
evidence() { cat "$stage/said"; }
undo() { umount --lazy /srv/small; rmdir /srv/small; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir /srv/d/t
for number in 1 2 3 4; do head --bytes 4M /dev/urandom >/srv/d/t/$number; done
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
mkdir -p /srv/small
mount -t tmpfs -o size=10m,mode=0755 small /srv/small

said=$(igotchuu restore d /srv/d/t --to /srv/small --yes 2>&1) && fail 'onto a disk that has no space'
assert_says "$said" 'there is not enough space at /srv/small: 16.0 MiB would come, and 10.0 MiB are free'
[ -z "$(ls -A /srv/small)" ] || fail 'refused, and begun'

# it fills up meanwhile
mount -o remount,size=20m /srv/small
mkdir /srv/small/t
echo mine >/srv/small/t/1 && touch --date '2001-01-01' /srv/small/t/1
held_at restore
igotchuu restore d /srv/d/t --to /srv/small --yes >"$stage/said" 2>&1 &
waits() { pgrep --full '^/bin/sh -p /usr/bin/restic.* restore' >/dev/null; }
await 30 'restic' waits
head --bytes 10M /dev/zero >/srv/small/filler
let_go
wait $! && fail "it fills up: $(cat "$stage/said")"
assert_says "$(cat "$stage/said")" 'the disk is full; nothing of it was brought to its place'
[ "$(cat /srv/small/t/1)" = mine ] && [ "$(ls -A /srv/small/t)" = 1 ] || fail "what was there has changed: $(ls -lA /srv/small/t)"
[ -z "$(ls -A /srv/small | grep restore)" ] || fail 'the disk is still full'

rm /srv/small/filler
mount -o remount,ro /srv/small
said=$(igotchuu restore d /srv/d/t --to /srv/small --yes 2>&1) && fail 'onto a read-only disk'
assert_says "$said" 'cannot restore into /srv/small: Read-only file system'
mount -o remount,rw /srv/small

# one that keeps no rights, like FAT: what is made there is not root's alone, whatever chmod(2) says
mkdir -m 2755 "$stage/rightless"
said=$(strace --follow-forks --quiet=all --output=/dev/null --inject=fchmod:retval=0 igotchuu restore d /srv/d/t --to "$stage/rightless" --yes 2>&1) && fail 'where everybody sees it'
assert_says "$said" 'umask=077'
[ -z "$(ls -A "$stage/rightless")" ] || fail "left behind: $(ls -A "$stage/rightless")"

# a stop in the middle
held_at restore
setsid igotchuu restore d /srv/d/t --to /srv/small --yes >"$stage/said" 2>&1 &
await 30 'restic' waits
kill -INT $!
status=0
wait $! || status=$?
umount --lazy /usr/bin/restic
[ $status = 130 ] || fail "a stop exits with $status: $(cat "$stage/said")"
assert_says "$(cat "$stage/said")" 'the same again goes on from there'
[ "$(cat /srv/small/t/1)" = mine ] || fail 'a stop has cost a file'
said=$(igotchuu restore d /srv/d/t --to /srv/small --yes 2>&1) || fail "the same again: $said"
assert_same /srv/d/t /srv/small/t
[ "$(ls -A /srv/small)" = t ] || fail "left behind: $(ls -A /srv/small)"
