#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
set -euo pipefail
directory=/etc/igotchuu
trap 'rm -f $directory/jobs/{local,disk,remote}.toml $directory/repositories/{nas,usb}.toml; systemctl daemon-reload' EXIT

mkdir -p $directory/{jobs,repositories}
cat >$directory/repositories/nas.toml <<'REPOSITORY'
location = "sftp:nas:/srv/restic"
password-file = "/etc/igotchuu/nas.password"
REPOSITORY
printf '%s\n' 'location = "/mnt/usb/restic"' 'password-file = "/etc/igotchuu/usb.password"' >$directory/repositories/usb.toml
printf '%s\n' 'sources = ["/home"]' 'objective-hours = 26' >$directory/jobs/local.toml
printf '%s\n' 'sources = ["/home"]' 'repositories = ["usb"]' 'objective-hours = 26' >$directory/jobs/disk.toml
printf '%s\n' 'sources = ["/home"]' 'repositories = ["nas"]' 'objective-hours = 26' >$directory/jobs/remote.toml
systemctl daemon-reload

at_most() { # tenths
    systemd-analyze security --offline=no --no-pager --threshold="$2" "$1" >/dev/null || {
        systemd-analyze security --offline=no --no-pager "$1" | tail -n 1
        exit 1
    }
}
at_most igotchuu@remote.service 29
at_most igotchuu@local.service 20
at_most igotchuu@disk.service 20
at_most igotchuu@home.service 20                # no job file: the embedded repository
at_most igotchuu-send@remote.service 29
at_most igotchuu-send@disk.service 20
at_most igotchuu-fresh@remote.service 23
at_most igotchuu-fresh@disk.service 16
at_most igotchuu-fresh@local.service 14
[[ $(systemctl show --property CapabilityBoundingSet --value igotchuu-fresh@disk) != *sys_admin* ]] || { echo 'igotchuu-fresh@ may mount'; exit 1; }
at_most igotchuu-pending.service 10
at_most igotchuu-maintenance@nas.service 23
at_most igotchuu-maintenance@usb.service 20
at_most igotchuu-maintenance@default.service 23
at_most igotchuu-verify.service 10
at_most 'igotchuu-notify@igotchuu@local.service' 17
at_most 'igotchuu-notify-start@igotchuu@local.service' 17
at_most igotchuud.service 3
