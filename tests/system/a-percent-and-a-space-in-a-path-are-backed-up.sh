#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# N2, N3: from the file's name to restic's path, a percent sign is a percent sign and a space does not make two paths. Disks of fstab(5) are mounted first.
. "$(dirname "$0")/stage.sh"
undo() {
    sed --in-place '\:^/var/tmp/stage/:d' /etc/fstab
    umount --lazy '/mnt/usb disk' '/srv/TV Shows'
    rm -rf /etc/password '/mnt/usb disk'
}

new_btrfs /mnt/top
new_source /mnt/top cotton '/srv/100% cotton'
truncate --size 300M "$stage/shows.btrfs" "$stage/usb.ext4"
mkfs.btrfs --quiet "$stage/shows.btrfs"
mkfs.ext4 -q "$stage/usb.ext4"
mkdir -p '/mnt/usb disk' '/srv/TV Shows'
mount -o loop "$stage/shows.btrfs" '/srv/TV Shows'
mount -o loop "$stage/usb.ext4" '/mnt/usb disk'
echo x | tee '/srv/TV Shows/x' >'/srv/100% cotton/x'
install -m 0600 /dev/stdin /etc/password <<<secret
RESTIC_PASSWORD=secret restic --quiet --no-cache --repo '/mnt/usb disk/repo' init
umount '/srv/TV Shows' '/mnt/usb disk'
printf '%s %s %s loop,noauto 0 0\n' "$stage/shows.btrfs" '/srv/TV\040Shows' btrfs "$stage/usb.ext4" '/mnt/usb\040disk' ext4 >>/etc/fstab
repository 'usb disk' <<<$'location = "/mnt/usb disk/repo"\npassword-file = "/etc/password"'
job '100%' <<<$'sources = ["/srv/100% cotton"]\ndescription = "all of %h"'
job 'TV Shows' <<<$'sources = ["/srv/TV Shows"]\nrepositories = ["usb disk"]'
reload
unit=igotchuu@100\\x25.service
[ "$(systemctl show --property WantsMountsFor --value "$unit" | tr ' ' '\n' | grep --count cotton)" = 1 ] || fail 'the path was cut'
[ "$(systemctl show --property Description --value "$unit")" = 'all of %h' ] || fail "$(systemctl show --property Description "$unit")"
[ "$(systemctl show --property SourcePath --value "$unit")" = '/etc/igotchuu/jobs/100%.toml' ] || fail "$(systemctl show --property SourcePath "$unit")"
! mountpoint --quiet '/mnt/usb disk' && ! mountpoint --quiet '/srv/TV Shows' || fail 'a disk is mounted already: this tests nothing'
systemctl start "$unit" 'igotchuu@TV\x20Shows'
assert_outcome 'TV\x20Shows' success
mountpoint --quiet '/mnt/usb disk' && mountpoint --quiet '/srv/TV Shows' || fail 'a disk was not mounted'
[ "$(default_restic snapshots --json | jq --raw-output '.[].paths[]')" = '/srv/100% cotton' ] || fail 'the path is another'
[ "$(RESTIC_PASSWORD=secret restic --no-cache --repo '/mnt/usb disk/repo' snapshots --json | jq --raw-output '.[].paths[]')" = '/srv/TV Shows' ] ||
    fail 'the path is another'
[ "$(RESTIC_PASSWORD=secret restic --quiet --no-cache --repo '/mnt/usb disk/repo' dump latest '/srv/TV Shows/x')" = x ] ||
    fail 'what is on the disk is not in the backup'
