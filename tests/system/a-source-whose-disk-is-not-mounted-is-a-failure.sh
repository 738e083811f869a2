#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where a source's disk is not mounted there is an empty directory, on another btrfs: no success with no files, but a failure that says so. An empty
# source on its own file system is none.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top below /srv
mkdir /srv/photos
new_btrfs /mnt/photos
new_source /mnt/photos photos /srv/photos
echo 1 >/srv/photos/1.jpg
job photos <<<'sources = ["/srv/photos"]'
reload
systemctl start igotchuu@photos
assert_outcome photos success
umount /srv/photos
remember_host
! systemctl start igotchuu@photos 2>/dev/null || fail 'a backup of nothing is a success'
assert_exit igotchuu@photos 1
assert_outcome photos failed
assert_says "$(last photos .message)" 'is its disk mounted?'
[ "$(last photos .restic_starts)" = 0 ] || fail 'restic was started'
[ ! -e /mnt/top/.igotchuu ] || fail 'something was made'
assert_host_as_before

mount -o subvol=photos "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/photos)" /srv/photos
rm /srv/photos/1.jpg
systemctl start igotchuu@photos
assert_outcome photos success

# The same btrfs, as most machines have it: what is seen is a directory of the subvolume below.
new_source /mnt/top videos /srv/videos
echo 1 >/srv/videos/1.mkv
job videos <<<'sources = ["/srv/videos"]'
reload
systemctl start igotchuu@videos
assert_outcome videos success
umount /srv/videos
! systemctl start igotchuu@videos 2>/dev/null || fail 'a backup of nothing is a success'
assert_outcome videos failed
assert_says "$(last videos .message)" 'is it mounted?'
mount -o subvol=videos "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)" /srv/videos
rm /srv/videos/1.mkv
systemctl start igotchuu@videos
assert_outcome videos success

# A job that was never more than partial.
new_source /mnt/top music /srv/music
echo 1 >/srv/music/1.ogg
job music <<<'sources = ["/srv/music", "/srv/nowhere"]'
reload
! systemctl start igotchuu@music 2>/dev/null || fail 'a missing source is a success'
assert_outcome music partial
umount /srv/music
! systemctl start igotchuu@music 2>/dev/null || fail 'a backup of nothing is a success'
assert_outcome music failed
assert_says "$(last music .message)" 'is it mounted?'
