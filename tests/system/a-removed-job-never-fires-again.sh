#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# resticprofile #586: the timer of a job that is gone went on. An active one whose file vanishes falls back to the template igotchuu@.timer.
set -euo pipefail
job=/etc/igotchuu/jobs/old.toml
trap 'rm -f $job; systemctl stop igotchuu@old.timer; systemctl daemon-reload' EXIT

mkdir -p /etc/igotchuu/jobs
printf '%s\n' 'sources = ["/home"]' '[timer]' 'OnCalendar = "daily"' >$job
systemctl daemon-reload
systemctl start timers.target
[ "$(systemctl is-active igotchuu@old.timer)" = active ]
[ -n "$(systemctl show --value --property=NextElapseUSecRealtime igotchuu@old.timer)" ]

rm $job
systemctl daemon-reload
[ "$(systemctl show --value --property=LoadState igotchuu@old.timer)" = bad-setting ]
[ -z "$(systemctl show --value --property=NextElapseUSecRealtime igotchuu@old.timer)" ]
[ ! -e /run/systemd/generator/timers.target.wants/igotchuu@old.timer ]
