#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs on the host. tools/machine leaves no mount, loop device, cgroup or process, whether it ends, is interrupted, or is killed. Other machines
# may be up at the same time.
set -euo pipefail
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
image=/var/tmp/$(basename "$scratch")
mounts() { awk '{$1 = $2 = ""; print}' /proc/self/mountinfo | sort; }
mounts >"$scratch/mounts"

of_machine() { # PID of its tools/machine, which is its name
    find /sys/fs/cgroup -maxdepth 2 -name "igotchuu-$1"
    pgrep --full --list-full "machine=igotchuu-$1 " || true
    losetup --list --noheadings --output NAME,BACK-FILE | grep "$image" || true
}
assert_gone() { # PID AFTER-WHAT
    local end=$((SECONDS + 20))
    until [ -z "$(of_machine "$1")" ]; do
        ((SECONDS < end)) || { echo "left behind after $2:"; of_machine "$1"; exit 1; }
        sleep 0.05
    done
    mounts | diff "$scratch/mounts" - || { echo "mounts are left behind after $2"; exit 1; }
}
# A machine that holds all that there is to leave behind, and says so.
start() {
    rm -f "$scratch/says"
    mkfifo "$scratch/says"
    tools/machine run -- sh -ec "truncate -s 200M $image; mkfs.btrfs -q $image; mount -o loop $image /mnt; losetup -f $image; echo up; exec sleep 1000" \
        >"$scratch/says" &
    machine=$!
    read -r line <"$scratch/says"
    [ "$line" = up ]
    [ "$(of_machine $machine | wc -l)" -ge 4 ] || { echo 'this test sees nothing of a machine'; exit 1; }
}

tools/machine run -- sh -c 'cat; echo error >&2; exit 7' <<<in >"$scratch/output" 2>"$scratch/errors" &
wait $! && status=0 || status=$?
[ "$status $(cat "$scratch/output") $(tail -n 1 "$scratch/errors")" = '7 in error' ]
assert_gone $! 'a command that failed'

start
kill -KILL "$machine"
wait "$machine" || true
assert_gone "$machine" SIGKILL

start
kill -TERM "$machine"
wait "$machine" && status=0 || status=$?
[ "$status" = 143 ]
assert_gone "$machine" SIGTERM

tools/machine run -- true &
first=$!
tools/machine run -- true &
wait $first
wait $!
assert_gone $first 'two at once'
assert_gone $! 'two at once'
