#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A restore that is killed, whose server goes away, or whose restic ends without its last word brings nothing half to its place, and costs nothing of what is there; the same again
# goes on with what has come.
. "$(dirname "$0")/stage.sh"
evidence() { cat "$stage/said"; ls -lAR /srv/back; }
undo() { systemctl stop server cut; rm -rf /srv/back; }

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
server_starts() {
    systemd-run --quiet --unit=server --collect --service-type=exec restic-rest-server --no-auth --listen "127.0.0.1:$port" --path /srv/cheap
    await 30 'the server' listens
}
over() { ! systemctl --quiet is-active "$1"; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/d/t /srv/back
for number in 1 2 3; do head --bytes 4M /dev/urandom >/srv/d/t/$number; done
head --bytes 16M /dev/urandom >/srv/d/t/4 # of several parts, and names
ln /srv/d/t/4 /srv/d/t/5
cheap_repository r
server_starts
slow() { printf 'location = "rest:http://127.0.0.1:%s/r"\npassword-file = "/etc/igotchuu/r.key"\nlimit-download = %s\n' "$port" "$1" | repository r; }
slow 100000
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
systemctl start igotchuu@d

staged() { echo /srv/back/.igotchuu-restore.*/files/t; }
has_come() { [ "$(du --summarize --block-size=1K "$(staged)" 2>/dev/null | cut --fields=1)" -gt 3000 ] 2>/dev/null; }
restored() {
    said=$(igotchuu restore d /srv/d/t --to /srv/back --yes 2>&1) || fail "the same again: $said"
    assert_same /srv/d/t /srv/back/t
    [ "$(ls -A /srv/back)" = t ] || fail "left behind: $(ls -A /srv/back)"
}

# killed, with all that it has started, and somebody has been at what it left
slow 2000
systemd-run --quiet --unit=cut igotchuu restore d /srv/d/t --to /srv/back --yes
await 30 'half of it' has_come
systemctl kill --signal=KILL cut
await 30 'the end' over cut
systemctl reset-failed cut
[ ! -e /srv/back/t ] || fail 'half of it is at its place'
come=$(find "$(staged)" -type f -size +2M -print -quit)
inode=$(stat --format=%i "$come")
printf 'other' | dd of="$come" bs=1 seek=1000 conv=notrunc status=none
echo strange >"$(staged)/strange"
slow 100000
restored
[ "$(stat --format=%i "/srv/back/t/${come##*/}")" = "$inode" ] || fail 'it has begun anew'

# its server goes away: it says so, and goes on when it is there again
mine() {
    rm -rf /srv/back/t
    mkdir /srv/back/t
    echo mine >/srv/back/t/1 && touch --date '2001-01-01' /srv/back/t/1
}
is_mine() { [ "$(cat /srv/back/t/1)" = mine ] && [ "$(ls -A /srv/back/t)" = 1 ] || fail "what was there has changed: $(ls -lA /srv/back/t)"; }
mine
slow 2000
igotchuu restore d /srv/d/t --to /srv/back --yes >"$stage/said" 2>&1 &
restore=$!
await 30 'half of it' has_come
systemctl kill --signal=KILL server
await 30 'a word of that' grep --quiet 'connection refused' "$stage/said"
is_mine
await 10 'its end' over server
server_starts
wait $restore || fail "the server is there again: $(cat "$stage/said")"
assert_same /srv/d/t /srv/back/t

# restic ends without its summary, whatever its status; or with it, and with nobody to ask any more
slow 100000
held_at nothing
ends_with() {
    mine
    umount --lazy /usr/bin/restic
    printf '#!/bin/sh -p\nfor word; do [ "$word" != restore ] || { %s; }; done\nexec /srv/held/restic "$@"\n' "$1" | install -m 0755 /dev/stdin "$stage/ends"
    mount --bind "$stage/ends" /usr/bin/restic
    local status=0
    igotchuu restore d /srv/d/t --to /srv/back --yes >"$stage/said" 2>&1 || status=$?
    [ $status = 1 ] || fail "$1: it exits with $status: $(cat "$stage/said")"
    is_mine
    assert_says "$(cat "$stage/said")" 'the same again goes on from there'
}
ends_with '/srv/held/restic "$@" >/dev/null; exit 1'
ends_with '/srv/held/restic "$@" >/dev/null; exit 0'
ends_with '/srv/held/restic "$@" >/dev/null; kill -KILL $$'
ends_with '/srv/held/restic "$@"; echo "Load(<data/aa>) returned error, retrying after 1s: dial tcp: connect: connection refused" >&2; exit 1'
# a half restored file has its second name already: what of it is right must not be lost
ends_with '/srv/held/restic "$@"; dd if=/dev/zero of="$(echo /srv/back/.igotchuu-restore.*/files/t/4)" bs=1M seek=12 count=2 conv=notrunc status=none; echo "Load(<data/aa>) returned error, retrying after 1s: dial tcp: connect: connection refused" >&2; exit 1'
[ "$(stat --format=%h /srv/back/.igotchuu-restore.*/files/t/4)" = 2 ] || fail 'it has no second name'
umount --lazy /usr/bin/restic
restored
