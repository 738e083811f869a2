# SPDX-License-Identifier: MIT
# The blank disks of the machine that tools/machine run --vm boots. Source it after stage.sh.

disk() { echo "/dev/disk/by-id/virtio-disk$1"; }

# fresh_disks: whatever a test before has left on them.
fresh_disks() {
    local number
    { zpool list -H -o name 2>/dev/null || true; } | awk '$1 != "rpool" && $1 != "shaky"' | xargs --no-run-if-empty --max-args=1 timeout 60 zpool destroy -f
    findmnt --noheadings --list --output TARGET,SOURCE | awk '$2 ~ "^/dev/(mapper/|vd[c-f])" && $2 !~ "^/dev/mapper/system-" {print $1}' | tac |
        xargs --no-run-if-empty umount --lazy
    vgs --noheadings --options vg_name | awk '$1 != "system" {print $1}' | xargs --no-run-if-empty --max-args=1 vgremove --quiet --force --force --yes
    for number in 1 2 3 4; do
        wipefs --all --force --quiet "$(disk $number)"*
        blockdev --rereadpt "$(disk $number)" 2>/dev/null || true
    done
    udevadm settle
}
