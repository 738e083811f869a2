#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A bind mount of a plain directory, a subvolume that is mounted twice, and a directory on another btrfs, in one job: each is backed up under the
# path that the job names, whole, and nothing of what lies beside it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_btrfs /mnt/other
new_source /mnt/top persist /persist
new_source /mnt/top twice /srv/twice
mkdir -p /persist/home/deep /persist/secret /srv/home /srv/again /mnt/other/plain
btrfs --quiet subvolume create /persist/home/deep/nested
btrfs --quiet subvolume create /srv/twice/nested
mount --bind /persist/home /srv/home
mount --bind /srv/twice /srv/again
for file in persist/home/file persist/home/deep/nested/file persist/secret/file srv/twice/file srv/twice/nested/file mnt/other/plain/file; do
    echo "$file" >"/$file"
done
job d <<<'sources = ["/srv/home", "/srv/twice", "/srv/again", "/mnt/other/plain"]'
reload
remember_host
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .snapshots)" = 5 ] || fail "$(last d .snapshots) snapshots are taken of 5 subvolumes"
assert_host_as_before
[[ $(default_restic ls latest) != *secret* ]] || fail 'what lies beside the source is in the backup'
default_restic restore latest --target "$stage/restored"
for source in /srv/home /srv/twice /srv/again /mnt/other/plain; do
    assert_same "$source" "$stage/restored$source"
done
