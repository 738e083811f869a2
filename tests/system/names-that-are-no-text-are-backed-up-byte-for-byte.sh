#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source, a nested subvolume and a file whose names are no UTF-8: backed up under the exact bytes, and restored; what is written of them is valid.
. "$(dirname "$0")/stage.sh"

source=/srv/caf$'\xe9' nested=n$'\xff'
new_btrfs /mnt/top
trap 'umount --lazy "$source"; clean_up' EXIT # jq, which clean_up asks for mounts, knows text only
new_source /mnt/top caf$'\xe9' "$source"
btrfs --quiet subvolume create "$source/$nested"
echo outer >"$source/file"
echo inner >"$source/$nested/caf"$'\xe9'
remember_host
systemctl start 'igotchuu@srv-caf\xe9'
assert_outcome 'srv-caf\xe9' success
[ "$(last 'srv-caf\xe9' .subvolumes)" = 2 ] || fail 'the nested subvolume is not in'
assert_host_as_before
iconv -f utf-8 -t utf-8 '/var/lib/igotchuu/jobs/srv-caf\xe9.json' >/dev/null || fail 'the record is no UTF-8'
default_restic restore latest --target "$stage/restored"
assert_same "$source" "$stage/restored$source"
