#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fifty read-only snapshots of snapper's below a source are neither snapshotted nor backed up, and the journal says how many; a key takes them in.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/work
echo work >/srv/d/work/file
echo old >/srv/d/file
for number in {1..50}; do
    mkdir -p "/srv/d/.snapshots/$number"
    btrfs --quiet subvolume snapshot -r /srv/d "/srv/d/.snapshots/$number/snapshot"
done
echo new >/srv/d/file
job d <<<'sources = ["/srv/d"]'
reload
remember_host
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .snapshots) $(last d .read_only_left_out)" = '2 50' ] || fail "$(last d '.snapshots, .read_only_left_out') is not 2 and 50"
assert_says "$(journal_of igotchuu@d)" '50 read-only subvolumes are not in the backup'
listed=$(default_restic ls latest)
assert_says "$listed" /srv/d/work/file
[[ $listed != *snapshots/1/snapshot/file* ]] || fail 'an old snapshot is in the backup'

job d <<<$'sources = ["/srv/d"]\nnested-read-only = true'
reload
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .snapshots) $(last d .read_only_left_out)" = '52 0' ] || fail "$(last d '.snapshots, .read_only_left_out') is not 52 and 0"
[ "$(default_restic dump latest /srv/d/.snapshots/50/snapshot/file) $(default_restic dump latest /srv/d/file)" = 'old new' ] ||
    fail 'a snapshot is not in the backup as it is'
assert_host_as_before
