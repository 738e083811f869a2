#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file system mounted below a source is missing in the backup, which is then partial, until the job excludes it, or a directory above it. So is a nested
# subvolume that could not be snapshotted, or is one too many; and nobody makes a snapshot of one that is excluded.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_btrfs /mnt/other
new_source /mnt/top d /srv/d
for number in 1 2 3; do
    mkdir -p "/srv/d/containers/$number"
    mount --bind /mnt/other "/srv/d/containers/$number"
done
unmount() { umount --quiet /srv/d/containers/*; }
# outcome EXIT OUTCOME EXCLUDE [LINES]
outcome() {
    job d <<<$'sources = ["/srv/d"]\nexclude = ["'"$3"$'"]\n'"${4-}"
    reload
    next_second
    systemctl start igotchuu@d 2>/dev/null || true
    assert_exit igotchuu@d "$1"
    assert_outcome d "$2"
}
undo() { unmount; }
remember_host
outcome 3 partial /srv/d/containers/1
assert_says "$(last d .message)" /srv/d/containers/2
outcome 3 partial /srv/d/contain
outcome 0 success /srv/d/containers
unmount

btrfs --quiet subvolume create /srv/d/images
btrfs --quiet subvolume create /srv/d/images/1
none='nested-max = 0'
remember_host
outcome 3 partial /srv/d/images/1 "$none"
outcome 3 partial '/srv/d/images", "!images' "$none"
outcome 3 partial '/srv/d/image?' "$none"
outcome 0 success '/srv/d/images/' "$none"
[ "$(last d .snapshots)" = 1 ] || fail "$(last d .snapshots) snapshots were made, not one"
echo '- what the job needs is in its place all the same'
restic init --quiet --repo /srv/d/images/1/repository --password-file "$restic_repository.key" --no-cache
repository inside <<<$'location = "/srv/d/images/1/repository"\npassword-file = "'"$restic_repository.key"'"'
outcome 0 success /srv/d/images 'repositories = ["inside"]'
[ "$(last d .snapshots)" = 3 ] || fail "$(last d .snapshots) snapshots were made, not three"
assert_host_as_before
