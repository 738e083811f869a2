#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With --yes restic restores what is not here at all while another restic still lists it. Nothing of that gets to its place before there is a plan that says the same; where there is
# another one, or none, nothing is left of it.
. "$(dirname "$0")/stage.sh"
evidence() { cat "$stage/said"; find /srv/d /srv/small; }
undo() { umount --lazy /srv/small; rmdir /srv/small; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir /srv/d/t
head --bytes 1M /dev/urandom >/srv/d/t/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
systemctl start igotchuu@d
mv /srv/d/t "$stage/t"

lists() { pgrep --full '^/bin/sh -p /usr/bin/restic.* ls ' >/dev/null; }
has_come() { cmp --quiet "$stage/t/file" "$(echo "$1"/.igotchuu-restore.*)/files/t/file"; }
empty() { [ -z "$(ls -A "$1")" ] || fail "$2: $(ls -A "$1")"; }
# held ARGUMENT…: a restore whose list waits. ends [STATUS]: it goes on, to its end.
held() {
    held_at ls
    igotchuu restore d "$@" >"$stage/said" 2>&1 &
    restore=$!
    await 30 'the list' lists
}
ends() {
    local status=0
    let_go
    wait $restore || status=$?
    [ $status = "${1-0}" ] || fail "it exits with $status: $(cat "$stage/said")"
}

held /srv/d/t --yes
await 30 'what comes meanwhile' has_come /srv/d
[ ! -e /srv/d/t ] || fail 'it is at its place without a plan'
ends
assert_same "$stage/t" /srv/d/t
[ "$(ls -A /srv/d)" = t ] || fail "left behind: $(ls -A /srv/d)"

# who has not said yes has nothing begun
rm -r /srv/d/t
held /srv/d/t </dev/null
! pgrep --full '/restic.* restore ' >/dev/null || fail 'begun, unasked'
ends 64
empty /srv/d 'restored, unasked'

# there is just space enough, but not for a second time
mkdir -p /srv/small
mount -t tmpfs -o size=1536k,mode=0755 small /srv/small
held /srv/d/t --to /srv/small --yes
await 30 'what comes meanwhile' has_come /srv/small
ends
assert_says "$(cat "$stage/said")" '1.0 MiB to come, 1.5 MiB free'
assert_same "$stage/t" /srv/small/t
rm -r /srv/small/t
mount -o remount,size=512k /srv/small
held /srv/d/t --to /srv/small --yes
ends 1
assert_says "$(cat "$stage/said")" 'not enough space'
empty /srv/small 'refused, and something is left'

# what the snapshot has not; and another machine's snapshot, of which this one knows nothing
! said=$(igotchuu restore d /srv/d/nothing --yes 2>&1) || fail 'what is in no backup'
assert_says "$said" '/srv/d/nothing is not in the snapshot'
empty /srv/d 'not in the snapshot, and something is left'
next_second
mkdir /srv/d/t && echo newer >/srv/d/t/file
on_r backup --tag igotchuu-job=d --host other /srv/d
rm -r /srv/d/t
held /srv/d/t --yes
await 30 'the older one' has_come /srv/d
ends
[ "$(cat /srv/d/t/file)" = newer ] && [ "$(ls -A /srv/d)" = t ] || fail "not the newest snapshot, or something is left: $(ls -lAR /srv/d)"
