#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Below btrfs, ZFS and thin LVM, in mid-run: from one instant on the disk answers each read and write with an error, or it is pulled out. The run is no success
# and ends in time; nothing of it works on. When the disk is well again, the next run is a good one and nothing is left.
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
undo() {
    local name
    for name in btrfs zfs lvm; do sound $name 2>/dev/null; done
    zpool clear shaky
    zpool destroy -f shaky
    umount --lazy /srv/{btrfs,lvm,pulled}
    vgremove --quiet --force --force --yes shaky
    dmsetup remove --force shaky-{btrfs,zfs,lvm}
    rm -f /etc/lvm/lvmlocal.conf
    echo 1 >/sys/bus/pci/rescan
}
modprobe zfs
fresh_disks
declare -A disk_of=([btrfs]=1 [zfs]=2 [lvm]=3)

# sound NAME, broken NAME: what the device below that file system does from here on.
sound() { behave "$1" "0 $(blockdev --getsz "$(disk "${disk_of[$1]}")") linear $(disk "${disk_of[$1]}") 0"; }
broken() { behave "$1" "0 $(blockdev --getsz "$(disk "${disk_of[$1]}")") error"; }
behave() {
    dmsetup suspend --noflush --nolockfs "shaky-$1"
    dmsetup load "shaky-$1" --table "$2"
    dmsetup resume "shaky-$1"
}
for name in "${!disk_of[@]}"; do
    dmsetup create "shaky-$name" --table "0 $(blockdev --getsz "$(disk "${disk_of[$name]}")") linear $(disk "${disk_of[$name]}") 0"
    mkdir -p /srv/$name
done

cheap_repository r
# begun NAME: a run of the job, that is still uploading; what it has not read yet is only on the disk.
begun() {
    head --bytes 100M /dev/urandom >"/srv/$1/big"
    sync --file-system "/srv/$1"
    systemctl start --no-block "igotchuu@$1"
    wait_for_phase "$1" restic
    await 60 'the upload' eval "[ \"\$(jq '.progress.bytes_done // 0' /run/igotchuu/state/$1.json)\" -gt 1000000 ]"
    echo 3 >/proc/sys/vm/drop_caches
}
# ends_badly NAME: in time, as no success. What the kernel holds may be there for as long as the disk is broken.
ends_badly() {
    await 400 "the end of the run of $1" eval "[ \"\$(jq '.history | length' /var/lib/igotchuu/jobs/$1.json)\" = 2 ]"
    printf '%s: %s: %s\n' "$1" "$(last "$1" .outcome)" "$(last "$1" .message)"
    [[ "$(last "$1" .outcome)" = @(failed|partial) ]] || fail "$1: the outcome is $(last "$1" .outcome)"
}
# is_well NAME: the next run.
is_well() {
    await 60 "the unit of $1" eval "! state_is igotchuu@$1 activating && ! state_is igotchuu@$1 deactivating"
    [ -z "$(pgrep --exact restic)" ] || fail 'restic still runs'
    systemctl reset-failed "igotchuu@$1"
    rm -f "/srv/$1/big"
    systemctl start "igotchuu@$1" || fail "$1: the next run: $(last "$1" .message)"
    assert_outcome "$1" success
    [ "$(on_r dump --tag "igotchuu-job=$1" latest "/srv/$1/file")" = "$1" ] || fail "$1: another file is in the backup"
    assert_host_as_before
}
job_of() { # NAME METHOD
    echo "$1" >"/srv/$1/file"
    printf 'sources = ["/srv/%s"]\nsnapshot = "%s"\nrepositories = ["r"]\nrestic-args = ["--limit-upload", "4000"]\n' "$1" "$2" | job "$1"
}

mkfs.btrfs --quiet --force /dev/mapper/shaky-btrfs
mount /dev/mapper/shaky-btrfs /srv/btrfs
job_of btrfs btrfs
zpool create -f -o failmode=continue -O mountpoint=/srv/zfs -O primarycache=metadata shaky /dev/mapper/shaky-zfs
job_of zfs zfs
printf 'devices { global_filter = [ "r|^%s$|" ] }\n' "$(realpath "$(disk 3)")" >/etc/lvm/lvmlocal.conf # it has what is on it, too
vgcreate --quiet --yes shaky /dev/mapper/shaky-lvm
lvcreate --quiet --yes --size 2G --thin shaky/pool
lvcreate --quiet --yes --virtualsize 1G --thin shaky/pool --name data
mkfs.ext4 -q /dev/shaky/data
mount /dev/shaky/data /srv/lvm
job_of lvm lvm-thin
reload
for name in btrfs zfs lvm; do systemctl start igotchuu@$name || fail "$name: $(last $name .message)"; done
remember_host

begun btrfs
broken btrfs
ends_badly btrfs
sound btrfs
umount /srv/btrfs
mount /dev/mapper/shaky-btrfs /srv/btrfs
is_well btrfs

begun zfs
broken zfs
ends_badly zfs
sound zfs
zpool clear shaky
is_well zfs

begun lvm
broken lvm
ends_badly lvm
sound lvm
umount /srv/lvm
vgchange --quiet --activate n shaky
if ! vgchange --quiet --activate y shaky; then                      # its metadata could not be written
    lvconvert --quiet --yes --repair shaky/pool
    vgchange --quiet --activate y shaky
fi
mount /dev/shaky/data /srv/lvm
is_well lvm

# Pulled out: the disk itself, of a file system that lies on it.
mkdir -p /srv/pulled
mkfs.btrfs --quiet --force "$(disk 4)"
mount "$(disk 4)" /srv/pulled
job_of pulled btrfs
reload
systemctl start igotchuu@pulled
remember_host
begun pulled
echo 1 >"$(realpath "/sys/class/block/$(basename "$(realpath "$(disk 4)")")/device/..")/remove"
ends_badly pulled
umount --lazy /srv/pulled
echo 1 >/sys/bus/pci/rescan
await 60 'the disk to be back' eval '[ -e "$(disk 4)" ]'
mount "$(disk 4)" /srv/pulled
is_well pulled
echo 'a disk that fails: as it should be'
