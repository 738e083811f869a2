#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where a source's disk is not mounted there is an empty directory, on another btrfs, or what somebody has put into it since: no success without its files, but a
# failure that says so. An empty source on its own file system is none.
. "$(dirname "$0")/stage.sh"

# refused INSTANCE WHY
refused() {
    next_second
    ! systemctl start "igotchuu@$1" 2>/dev/null || fail "a backup without the files of $1 is a success"
    assert_outcome "$1" failed
    assert_says "$(last "$1" .message)" "$2"
    [ "$(last "$1" .restic_starts)" = 0 ] || fail 'restic was started'
}

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
refused photos 'is its disk mounted?'
assert_exit igotchuu@photos 1
mkdir /srv/photos/upload
refused photos 'was in what was mounted on /srv/photos at its last backup'
echo 2 >/srv/photos/2.jpg
refused photos 'is its disk mounted?'
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
refused videos 'is it mounted?'
mkdir /srv/videos/upload
refused videos 'was in what was mounted on /srv/videos at its last backup'
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
refused music 'is it mounted?'

echo '- what was moved on purpose is said once'
echo 1 >/srv/music/1.ogg
refused music 'igotchuu-exec backup --moved music'
! /usr/libexec/igotchuu-exec backup --moved music 2>/dev/null || fail 'a missing source is a success'
assert_outcome music partial
! systemctl start igotchuu@music 2>/dev/null || fail 'a missing source is a success'
assert_outcome music partial

echo '- a source below the mount point, and one that the unit itself mounts on'
new_source /mnt/top homes /home
mkdir /home/one
job home <<<'sources = ["/home"]'
job one <<<'sources = ["/home/one"]'
reload
for job in home one; do
    systemctl start igotchuu@$job
    assert_outcome $job success
done
umount /home
undo() { rm -r /home/one; }
mkdir /home/one
echo 1 >/home/one/1
refused home 'was in what was mounted on /home at its last backup'
refused one 'was in what was mounted on /home at its last backup'
