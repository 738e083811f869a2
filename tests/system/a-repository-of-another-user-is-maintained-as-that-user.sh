#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A repository on a disk that uid 1000 owns: maintenance works with that user's rights, and leaves nothing of root's in it. A disk that is not there is a
# failure that names it, and nothing is made in its place.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/usb
maintained usb '/mnt/usb/my disk'
restic_usb backup /etc/hostname
restic_usb forget --group-by '' --keep-last 1
chown -R 1000:1000 /mnt/usb
systemctl start igotchuu-maintenance@usb
[ "$(last_maintenance usb .outcome)" = success ] || fail "$(last_maintenance usb .)"
[ -z "$(find '/mnt/usb/my disk' ! -uid 1000)" ] || fail "root's files are in another user's repository"

umount /mnt/usb
! systemctl start igotchuu-maintenance@usb 2>/dev/null || fail 'it works without its disk'
assert_exit igotchuu-maintenance@usb 1
assert_says "$(last_maintenance usb .message)" '/mnt/usb/my disk'
[ -z "$(find /mnt/usb -mindepth 1)" ] || fail 'something was made in the place of the disk'
