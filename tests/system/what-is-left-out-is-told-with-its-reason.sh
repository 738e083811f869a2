#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# audit: what of the sources is not in the newest backup of this machine is told by why, and what nobody knows a reason for comes first; and what has grown.
. "$(dirname "$0")/stage.sh"

of() { jq --raw-output ".left_out[] | select(.reason | $1) | .largest | map(.path) | sort | join(\" \")" "$stage/said"; }
names() { [ "$(of "$1")" = "$2" ] || fail "by $1 it is \"$(of "$1")\", not \"$2\": $(cat "$stage/said")"; }

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
fill /srv/home few
head --bytes=200000 /dev/urandom >/srv/home/alice/film.iso
mkdir /srv/home/cache && echo 'Signature: 8a477f597d28d172789f06886806bc55' >/srv/home/cache/CACHEDIR.TAG && echo x >/srv/home/cache/x
mkdir -p /srv/home/bob/deep && echo x >/srv/home/bob/deep/log
btrfs --quiet subvolume create /srv/home/nested && echo x >/srv/home/nested/in
btrfs --quiet subvolume snapshot -r /srv/home/nested /srv/home/old
mkdir /srv/home/odd
mkdir /srv/home/memory && mount -t tmpfs none /srv/home/memory && echo x >/srv/home/memory/x
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/srv/home/bob/S.agent")'
cheap_repository r
job home <<<$'sources = ["/srv/home"]\nrepositories = ["r"]\nexclude = ["*.iso"]\nexclude-caches = true'
reload
systemctl start igotchuu@home
head --bytes=300000 /dev/urandom >/srv/home/bob/deep/log
another_machine() { next_second; on_r backup --host "$(uname --nodename)" --tag igotchuu-job=home,igotchuu-machine=another /srv/home/bob; }
another_machine # of the same name, with a job of the same name: its snapshots are not looked at
next_second
systemctl start igotchuu@home
another_machine
echo new >/srv/home/newer
echo x >/srv/home/odd/x && mkfifo /srv/home/odd/CACHEDIR.TAG # whoever opens it waits

timeout 60 igotchuu audit home --json >"$stage/said"
[ "$(jq --raw-output .snapshot.id "$stage/said")" = "$(newest home)" ] || fail "of another machine: $(jq .snapshot "$stage/said")"
names '. == ""' ''
names 'startswith("exclude: ")' /srv/home/alice/film.iso
names 'startswith("exclude-caches")' /srv/home/cache/x
names 'startswith("a read-only nested")' /srv/home/old
names 'startswith("another file system")' /srv/home/memory
names 'startswith("a socket")' /srv/home/bob/S.agent
[ "$(jq --raw-output '.grown[0] | "\(.path) \(.before) \(.after)"' "$stage/said")" = '/srv/home/bob/deep 2 300000' ] || fail "grown: $(jq .grown "$stage/said")"
[ "$(jq .summary.newer_bytes "$stage/said")" -le 12288 ] || fail "newer: $(jq .summary "$stage/said")"

echo '- what the rules no longer say was left out for no reason that anybody knows'
job home <<<$'sources = ["/srv/home"]\nrepositories = ["r"]'
igotchuu audit home --json >"$stage/said"
names '. == ""' '/srv/home/alice/film.iso /srv/home/cache/x'
igotchuu audit home >"$stage/said"
[ "$(sed --quiet 2p "$stage/said" | cut --delimiter=: --fields=2)" = ' not in the backup, and nobody knows why' ] || fail "it shows: $(cat "$stage/said")"
umount /srv/home/memory
