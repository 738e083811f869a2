#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runrestic #27: a mistyped key, and for months nothing was backed up and nobody was told.
set -euo pipefail
job=/etc/igotchuu/jobs/typo.toml
trap 'rm -f $job; systemctl stop igotchuu@typo.timer; systemctl daemon-reload' EXIT

mkdir -p /etc/igotchuu/jobs
printf '%s\n' 'sources = ["/home"]' 'exclude-cachse = true' >$job
since=$(date '+%F %T')
systemctl daemon-reload
systemctl start timers.target

[ "$(systemctl show --value --property=Description igotchuu@typo.service)" = 'igotchuu backup typo (broken configuration)' ]
[ "$(systemctl show --value --property=SourcePath igotchuu@typo.service)" = $job ]
[ "$(systemctl is-active igotchuu@typo.timer)" = active ]
journalctl --sync
journalctl --since "$since" --priority=err --identifier=igotchuu-generator --output=cat |
    grep --fixed-strings "$job:2:1: " >/dev/null
