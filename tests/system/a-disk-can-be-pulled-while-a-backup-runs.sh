#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A disk that is no part of the job is free as soon as it is unmounted, though a run has begun while it was mounted: in the unit and by hand.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
head --bytes 60M /dev/urandom >/srv/home/big
job home <<'TOML'
sources = ["/srv/home"]
restic-args = ["--limit-upload=10000"]
TOML
reload

# pulled: it is mounted, COMMAND starts the run; then it goes.
pulled() {
    truncate --size 64M "$stage/usb"
    mkfs.ext4 -q "$stage/usb"
    local device
    device=$(losetup --find --show "$stage/usb")
    mkdir -p /mnt/usb
    mount "$device" /mnt/usb
    "$@"
    wait_for_phase home restic
    umount /mnt/usb
    losetup --detach "$device"
    ! losetup "$device" 2>/dev/null || fail "$device is busy"
    dd if=/dev/zero of="$stage/usb" bs=1M count=1 conv=notrunc status=none
    phase_is home restic || fail 'the run was over by then'
}
pulled systemctl start --no-block igotchuu@home
await 60 'the end of the run' eval '! state_is igotchuu@home activating'
assert_outcome home success
head --bytes 60M /dev/urandom >/srv/home/big
by_hand() { /usr/libexec/igotchuu-exec backup home >"$stage/by-hand" 2>&1 & }
pulled by_hand
wait $! || fail "by hand: $(cat "$stage/by-hand")"
assert_outcome home success
