#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# After the backup something in the repository is spoiled: a bit of the data, of a tree, of the index, or a file of it is gone. The proof finds it, though restic has
# the index and the trees in its cache. Sound again, it is proven.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
for number in 1 2 3; do head --bytes 100k /dev/urandom >/srv/d/$number; done
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nprove = "full"\nprove-every-days = 0'
reload
remember_host

flip() { python3 -c 'import os, sys; p, at = sys.argv[1], int(sys.argv[2]); os.chmod(p, 0o600); f = open(p, "r+b"); f.seek(at); b = f.read(1)[0]; f.seek(at); f.write(bytes([b ^ 1]))' "$1" "$2"; }
packs() { find /srv/cheap/r/data -type f -size "$1"; }
# spoiled COMMAND UNDO: while the proof is under way.
spoiled() {
    held_at restore
    echo "$1" >/srv/d/changed
    next_second
    systemctl start --no-block igotchuu@d
    wait_for_phase d prove
    await 30 'restic to wait' pgrep --full '^/bin/sh -p /usr/bin/restic .*restore' >/dev/null
    eval "$1"
    let_go
    wait_for_state igotchuu@d failed
    assert_exit igotchuu@d 1
    assert_outcome d disproved
    assert_says "$(last d .message)" 'restic cannot read the backup'
    eval "$2"
    systemctl reset-failed igotchuu@d
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
    [ "$(last d .repositories[0].proof.finding)" = proven ] || fail "sound again, it is $(last d .repositories[0].proof.finding): $(last d .repositories[0].proof.why)"
}
systemctl start igotchuu@d
assert_outcome d success
of_data() { packs +64k | while read -r pack; do flip "$pack" 5000; done; }
of_index() { for index in /srv/cheap/r/index/*; do flip "$index" 60; done; }
spoiled of_data of_data
spoiled of_index of_index
spoiled 'mkdir /srv/cheap/gone && packs +64k | xargs mv --target-directory /srv/cheap/gone' 'for pack in /srv/cheap/gone/*; do name=${pack##*/}; mv "$pack" "/srv/cheap/r/data/${name:0:2}/"; done; rmdir /srv/cheap/gone'
spoiled 'newest=$(ls -t /srv/cheap/r/snapshots | sed -n 1p); flip "/srv/cheap/r/snapshots/$newest" 40' 'flip "/srv/cheap/r/snapshots/$newest" 40'
assert_host_as_before
on_r check --read-data
