#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With no configuration at all and a program that never stops writing: what is restored is the instant that was backed up, file by file.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top home-2026 /home
fill /home
btrfs --quiet subvolume create /home/alice/projects
printf 'int main() {}\n' >/home/alice/projects/main.cpp
mkdir -p /home/.snapshots/1
btrfs --quiet subvolume snapshot -r /home /home/.snapshots/1/snapshot
(while :; do date +%N >>/home/alice/diary; date +%N >/home/alice/projects/log; done) &
writer=$!
remember_host

systemctl start --no-block igotchuu@home
wait_for_phase home restic
keep_instant /mnt/top home kept
wait_for_state igotchuu@home inactive
assert_outcome home success
[ "$(last home .read_only_left_out)" = 1 ] || fail 'the read-only subvolume was not counted'
[ "$(last home .snapshots)" = 2 ] || fail "subvolumes: $(last home .snapshots)"

kill $writer
[ "$(default_restic snapshots --json | jq --raw-output '.[].paths[]')" = /home ] || fail 'the path is not /home'
default_restic restore latest --target "$stage/restored"
mount --bind /mnt/top/kept/1 /mnt/top/kept/0/alice/projects
assert_same /mnt/top/kept/0 "$stage/restored/home" --exclude=/.snapshots/1/snapshot
[ -f "$stage/restored/home/alice/projects/main.cpp" ] || fail 'the nested subvolume is missing'
[ -z "$(ls -A "$stage/restored/home/.snapshots/1/snapshot")" ] || fail 'the read-only subvolume is in'
default_restic check --read-data

umount /mnt/top/kept/0/alice/projects
btrfs --quiet subvolume delete /mnt/top/kept/*
rmdir /mnt/top/kept
assert_host_as_before
