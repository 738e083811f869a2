#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each with one clear line that names the path, a failed unit, and nothing left behind: missing, a link, a file, no btrfs, no such job.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/plain && truncate --size 64M "$stage/ext4" && mkfs.ext4 -q "$stage/ext4" && mount -o loop "$stage/ext4" /srv/plain
ln -sfn /srv/d /srv/link
touch /srv/d/file
remember_host
# refused INSTANCE EXIT WORD…
refused() {
    local instance=$1 status=$2 word
    shift 2
    ! systemctl start "igotchuu@$instance" 2>/dev/null || fail "$instance was backed up"
    assert_exit "igotchuu@$instance" "$status"
    for word in "$@"; do assert_says "$(journal_of "igotchuu@$instance")" "$word"; done
    assert_host_as_before
}
refused srv-missing 1 /srv/missing 'not there'
refused srv-link 1 /srv/link '/srv/d'
refused srv-d-file 1 /srv/d/file 'not a directory'
refused srv-plain 1 /srv/plain ext4
refused 'no\x2e\x2e\x2fpath\x2f..' 78 path
refused '..' 78

# One of two is missing: the rest is backed up, and the run is not a success (restic itself says 0 up to 0.18).
job both <<<'sources = ["/srv/d", "/srv/missing"]'
reload
remember_host
refused both 3 /srv/missing
assert_outcome both partial
[ "$(default_restic snapshots --json | jq --raw-output '.[].paths[]')" = /srv/d ] || fail '/srv/d was not backed up'
