#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A disk that nobody mounts by hand: the lines for fstab(5) and udev of igotchuu.repository(5), ABSENCE, and it is mounted and gets what it missed when it is plugged in.
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
rules=/etc/udev/rules.d/90-usb-backup.rules
undo() {
    umount --lazy /mnt/usb
    sed --in-place '/ \/mnt\/usb /d' /etc/fstab
    rm -f $rules
    udevadm control --reload
    echo 1 >/sys/bus/pci/rescan
}
fresh_disks
mkfs.ext4 -q "$(disk 4)"
uuid=$(blkid --match-tag UUID --output value "$(disk 4)")
mkdir -p /mnt/usb
echo "UUID=$uuid /mnt/usb ext4 noauto,nofail 0 0" >>/etc/fstab
example igotchuu.repository.5.scd 'ACTION==' | sed "s/7e3f…/$uuid/" >$rules
grep --quiet "$uuid" $rules || fail 'the example has no UUID'
udevadm control --reload

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo before >/srv/d/file
cheap_repository r
systemctl daemon-reload
systemctl start mnt-usb.mount
(umask 0077 && echo usb >/etc/igotchuu/usb.key)
restic --quiet --no-cache --repo /mnt/usb/restic --password-file /etc/igotchuu/usb.key init
"$(dirname "$0")/../system/cheap-key.py" /mnt/usb/restic /etc/igotchuu/usb.key
printf 'location = "/mnt/usb/restic"\npassword-file = "/etc/igotchuu/usb.key"\n' | repository usb
seen usb
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]'
reload

umount /mnt/usb
device=$(realpath "/sys/class/block/$(basename "$(realpath "$(disk 4)")")/device/..")
echo 1 >"$device/remove"
await 30 'the disk to be gone' eval '[ ! -e "$(disk 4)" ]'
systemctl start igotchuu@d
assert_outcome d pending
echo after >/srv/d/file

plugged=$EPOCHREALTIME
echo 1 >/sys/bus/pci/rescan
await 120 'what was kept to be sent' eval '[ ! -e /var/lib/igotchuu/kept/d.json ]'
printf 'sent %s s after the disk was plugged in\n' "$(awk "BEGIN { print $EPOCHREALTIME - $plugged }")"
wait_for_state igotchuu-send@d inactive
assert_outcome d success
[ "$(restic --quiet --no-cache --repo /mnt/usb/restic --password-file /etc/igotchuu/usb.key dump latest /srv/d/file)" = before ] ||
    fail 'it is not the instant that it missed'
