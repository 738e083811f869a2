#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd #16578: a timer that once had a bad OnCalendar stayed dead after it was mended. And of two times, the good one works.
set -euo pipefail
job=/etc/igotchuu/jobs/mended.toml timer=igotchuu@mended.timer
trap 'rm -f $job; systemctl stop $timer; systemctl daemon-reload' EXIT

mkdir -p /etc/igotchuu/jobs
schedule() {
    printf '%s\n' 'sources = ["/home"]' '[timer]' "OnCalendar = $1" >$job
    systemctl daemon-reload
    systemctl start timers.target
}
next() { systemctl show --value --property=NextElapseUSecRealtime $timer; }

schedule '"*:18,48,78"'
[ "$(systemctl show --value --property=LoadState $timer)" = bad-setting ]
schedule '"*:18,48"'
[ "$(systemctl is-active $timer)" = active ]
[ -n "$(next)" ]
schedule '["*:18,48,78", "*:20"]'
[ "$(systemctl is-active $timer)" = active ]
next | grep ':[23][0-9]:' >/dev/null      # within 15 minutes after :20
