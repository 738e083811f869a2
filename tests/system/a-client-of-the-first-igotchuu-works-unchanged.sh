#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that was written after the first igotchuu's description: it receives progress updates, and stops an ongoing backup. It knows the bus name, the object and
# the interface from there, in both forms, and nothing of ours.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
while :; do
    n=$((${n:-0} + 1))
    echo '{"message_type":"status","seconds_elapsed":'$n',"percent_done":0.25,"total_files":8,"files_done":2,"total_bytes":800,"bytes_done":200,"current_files":["/x"]}'
    sleep 0.2
done
SH
for interface in com.nyantec.igotchuu1 com.nyantec.igotchuu2; do
    systemctl stop igotchuud
    systemctl start --no-block igotchuu@d
    timeout 60 "$(dirname "$0")/first-client.py" "$interface"
    wait_for_state igotchuu@d failed
    assert_outcome d stopped
done
