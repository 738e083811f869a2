#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# grafel #6185: "failed to resolve unit specifiers", and the unit was gone.
set -euo pipefail
jobs=/etc/igotchuu/jobs unit='igotchuu@100\x25.service'
trap 'rm -f "$jobs/100%.toml"; systemctl daemon-reload' EXIT

mkdir -p "$jobs"
cat >"$jobs/100%.toml" <<'JOB'
description = "half of %h and all of %i"
sources = ["/srv/100% cotton"]
JOB
since=$(date '+%F %T')
systemctl daemon-reload

expect() {
    local got
    got=$(systemctl show --value --property="$1" "$unit")
    [ "$got" = "$2" ] || { echo "$1 is: $got"; echo "and not: $2"; exit 1; }
}
expect Description 'half of %h and all of %i'
expect SourcePath '/etc/igotchuu/jobs/100%.toml'
systemctl show --value --property=WantsMountsFor "$unit" | grep --fixed-strings '"/srv/100% cotton"' >/dev/null
journalctl --sync
if journalctl --since "$since" --priority=warning --output=cat _PID=1 | grep -F 'igotchuu@100'; then
    exit 1
fi
