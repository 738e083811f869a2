#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs on the host. tools/machine leaves no mount, loop device, cgroup or process, whether it ends, is interrupted, or is killed.
set -euo pipefail
cd "$(dirname "$0")/../.."

here() {
    awk '{$1 = $2 = ""; print}' /proc/self/mountinfo | sort
    losetup --list --noheadings --output NAME
    find /sys/fs/cgroup -maxdepth 2 -name 'igotchuu-*'
    pgrep --list-name --exact systemd-nspawn || true
}
# A machine that is up has made a file on the checkout's build directory: the one way out of it that this test can wait on.
signal=$(mktemp -d)
trap 'rm -rf "$signal"' EXIT
until_gone() {
    local end=$((SECONDS + 20))
    until diff <(here) "$signal/before" >"$signal/difference"; do
        ((SECONDS < end)) || { echo "left behind after $1:"; cat "$signal/difference"; exit 1; }
        sleep 0.05
    done
}
busy='truncate -s 200M /var/tmp/i; mkfs.btrfs -q /var/tmp/i; mount -o loop /var/tmp/i /mnt; losetup -f /var/tmp/i; echo up; exec sleep 1000'
start() {
    rm -f "$signal/up"
    mkfifo "$signal/up"
    tools/machine run -- sh -c "$busy" >"$signal/up" &
    machine=$!
    read -r line <"$signal/up"
    [ "$line" = up ]
}

here >"$signal/before"

[ "$(echo in | tools/machine run -- sh -c 'cat; echo error >&2; exit 7' 2>"$signal/stderr" || echo "$?")" = $'in\n7' ]
grep --quiet '^error$' "$signal/stderr"
until_gone 'a command that failed'

start
kill -KILL "$machine"
wait "$machine" || true
until_gone SIGKILL

start
kill -TERM "$machine"
wait "$machine" && status=0 || status=$?
[ "$status" = 143 ]
until_gone SIGTERM

tools/machine run -- true &
tools/machine run -- true
wait $!
until_gone 'two at once'
