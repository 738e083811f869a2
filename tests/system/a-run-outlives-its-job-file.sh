#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd #13032: the unit's file vanished in mid-run, its timeout fell back to 90 s, and the job was killed. Also with a job that changes.
set -euo pipefail
job=/etc/igotchuu/jobs/going.toml unit=igotchuu@going.service payload=/run/systemd/system/igotchuu@.service.d/90-payload.conf
gate=/run/igotchuu-test-gate cleaned=/run/igotchuu/cleaned
trap 'rm -f $job $payload $gate $cleaned; systemctl daemon-reload' EXIT

mkdir -p "$(dirname $job)" "$(dirname $payload)"
mkfifo $gate
cat >$payload <<UNIT
[Service]
ExecStart=
ExecStart=/bin/cat $gate
ExecStopPost=
ExecStopPost=/bin/touch $cleaned
UNIT
properties() { systemctl show --property=Type,KillMode,TimeoutStartUSec,TimeoutStopUSec,ExecStopPost,RestartMode $unit | sed 's/start_time=.*//'; }

for change in 'rm $job' 'echo "sources = [\"/srv\"]" >$job'; do
    rm -f $cleaned
    echo 'sources = ["/home"]' >$job
    systemctl daemon-reload
    systemctl start $unit & run=$!
    exec {writer}>$gate                         # returns when the payload is there
    before=$(properties)
    eval "$change"
    systemctl daemon-reload
    [ "$(properties)" = "$before" ]
    [ "$(systemctl is-active $unit)" = activating ]
    exec {writer}>&-
    wait $run
    [ -e $cleaned ]
done
