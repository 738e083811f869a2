#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# podman #21607: a path with a space became two, and the service started before the disk was there.
set -euo pipefail
jobs=/etc/igotchuu/jobs repositories=/etc/igotchuu/repositories unit='igotchuu@TV\x20Shows.service'
trap 'rm -f "$jobs/TV Shows.toml" "$repositories/usb disk.toml" "/run/systemd/system/mnt-usb\\x20disk.mount"; systemctl daemon-reload' EXIT

mkdir -p "$jobs" "$repositories"
cat >"$jobs/TV Shows.toml" <<'JOB'
sources = ["/srv/TV Shows"]
repositories = ["usb disk"]
JOB
cat >"$repositories/usb disk.toml" <<'REPOSITORY'
location = "/mnt/usb disk/repo"
password-file = "/etc/igotchuu/usb.password"
REPOSITORY
cat >'/run/systemd/system/mnt-usb\x20disk.mount' <<'MOUNT'
[Mount]
What=tmpfs
Where=/mnt/usb disk
Type=tmpfs
MOUNT
systemctl daemon-reload

expect() {
    local got
    got=$(systemctl show --value --property="$1" "$unit")
    [ "$got" = "$2" ] || { echo "$1 is: $got"; echo "and not: $2"; exit 1; }
}
expect Description 'igotchuu backup TV Shows'
expect SourcePath '/etc/igotchuu/jobs/TV Shows.toml'
for path in '"/srv/TV Shows"' '"/mnt/usb disk/repo"'; do
    systemctl show --value --property=WantsMountsFor "$unit" | grep --fixed-strings "$path" >/dev/null
done
expect ReadWritePaths '-/run/igotchuu "-/mnt/usb disk/repo"'
for property in Wants After; do                 # one quoted word, in which systemctl doubles the backslash
    systemctl show --value --property=$property "$unit" | grep --fixed-strings '"mnt-usb\\x20disk.mount"' >/dev/null
done
