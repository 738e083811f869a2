#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# omarchy-time-machine PR #6: stopping a backup stopped its timer for good. The same after a run that failed.
set -euo pipefail
job=/etc/igotchuu/jobs/often.toml unit=igotchuu@often.service payload=/run/systemd/system/igotchuu@.service.d/90-payload.conf
gate=/run/igotchuu-test-gate
trap 'rm -f $job $payload $gate; systemctl stop igotchuu@often.timer; systemctl daemon-reload; systemctl reset-failed $unit' EXIT

mkdir -p "$(dirname $job)" "$(dirname $payload)"
mkfifo $gate
printf '[Service]\nExecStart=\nExecStart=/bin/grep -q good %s\nExecStopPost=\n' $gate >$payload
printf '%s\n' 'sources = ["/home"]' '[timer]' 'OnActiveSec = "1ms"' 'OnCalendar = "daily"' 'RandomizedDelaySec = "0"' 'AccuracySec = "1ms"' >$job
systemctl daemon-reload
systemctl start igotchuu@often.timer

still_waits() {
    [ "$(systemctl is-active igotchuu@often.timer)" = active ]
    [ -n "$(systemctl show --value --property=NextElapseUSecRealtime igotchuu@often.timer)" ]
}
exec {writer}>$gate                             # returns when the timer's run is there
systemctl stop $unit
exec {writer}>&-
still_waits

systemctl start $unit & run=$!
exec {writer}>$gate; exec {writer}>&-           # nothing good in it: grep fails
if wait $run; then exit 1; fi
still_waits
