#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs on the host. tools/machine run --vm hands through input, output and exit status, goes on after a reboot and a reset, and leaves no process,
# file, mount or cgroup, whether it ends, is interrupted, or is killed. Other machines may be up at the same time.
set -euo pipefail
cd "$(dirname "$0")/../../.."

cache=${IGOTCHUU_MACHINE_CACHE:-/var/cache/igotchuu-machine}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mounts() { awk '{$1 = $2 = ""; print}' /proc/self/mountinfo | sort; }
mounts >"$scratch/mounts"

of_machine() { # PID of its tools/machine, which is its name
    find /sys/fs/cgroup -maxdepth 2 -name "igotchuu-$1"
    pgrep --full --list-full -- "-name igotchuu-$1 " || true
    find "$cache" -maxdepth 1 -name "igotchuu-$1.*"
}
assert_gone() { # PID AFTER-WHAT
    local end=$((SECONDS + 20))
    until [ -z "$(of_machine "$1")" ]; do
        ((SECONDS < end)) || { echo "left behind after $2:"; of_machine "$1"; exit 1; }
        sleep 0.05
    done
    mounts | diff "$scratch/mounts" - || { echo "mounts are left behind after $2"; exit 1; }
}
# A machine that is up, and says so.
start() {
    rm -f "$scratch/says"
    mkfifo "$scratch/says"
    tools/machine run --vm -- sh -ec 'mkfs.btrfs -q /dev/disk/by-id/virtio-disk1; echo up; exec sleep 1000' >"$scratch/says" &
    machine=$!
    read -r line <"$scratch/says"
    [ "$line" = up ]
    [ "$(of_machine $machine | wc -l)" -ge 3 ] || { echo 'this test sees nothing of a machine'; exit 1; }
}

tools/machine run --vm -- bash -c 'case $IGOTCHUU_BOOT in
    1) cat >/root/input; systemctl reboot; exit 1 ;;
    2) mkfs.ext4 -q /dev/disk/by-id/virtio-disk4; sync; echo b >/proc/sysrq-trigger; exit 2 ;;
    3) blkid --output value --match-tag TYPE /dev/disk/by-id/virtio-disk4; head -c 3M /dev/zero; cat /root/input; echo error >&2; exit 7 ;;
    esac' <<<in >"$scratch/output" 2>"$scratch/errors" &
wait $! && status=0 || status=$?
[ "$status $(tr -d '\0' <"$scratch/output" | paste --serial) $(tail -n 1 "$scratch/errors")" = "7 $(printf 'ext4\tin') error" ] ||
    { echo "a command that rebooted its machine ended with $status and said:"; tail -n 20 "$scratch/errors"; exit 1; }
[ "$(stat --format=%s "$scratch/output")" = $((3 * 1024 * 1024 + 8)) ] || { echo 'output is lost'; exit 1; }
assert_gone $! 'a command that failed'

tools/machine run --vm -- true &
machine=$!
until [ -e "$cache/igotchuu-$machine.layer" ]; do kill -0 "$machine"; sleep 0.01; done
kill -KILL "$machine"
wait "$machine" || true
assert_gone "$machine" 'SIGKILL while its disk was made'

start
kill -KILL "$machine"
wait "$machine" || true
assert_gone "$machine" SIGKILL

start
kill -TERM "$machine"
wait "$machine" && status=0 || status=$?
[ "$status" = 143 ]
assert_gone "$machine" SIGTERM
