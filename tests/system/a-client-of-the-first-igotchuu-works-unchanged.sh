#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that was written after the first igotchuu's description: it receives progress updates, and stops an ongoing backup. It knows the bus name, the object and
# the interface from there, in both forms, and nothing of ours. Then the same by hand, with gdbus.
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

systemctl reset-failed igotchuu@d
gdbus monitor --system --dest com.nyantec.IGotChuu --object-path /com/nyantec/igotchuu >"$stage/gdbus" &
await 10 'gdbus' grep --quiet 'is owned by' "$stage/gdbus"
systemctl start --no-block igotchuu@d
said() { grep --quiet "com.nyantec.igotchuu$1" "$stage/gdbus"; }
await 30 'the begin' said '1.BackupStarted ()'
await 30 'progress' said '1.Progress .*"percent_done":0.25.*"current_files":\[\]'
await 30 'typed progress' said '2.Progress (uint64 [0-9]*, uint64 0, 0.25, uint64 8, uint64 2, uint64 800, uint64 200, uint64 0, @as \[\])'
gdbus call --system --dest com.nyantec.IGotChuu --object-path /com/nyantec/igotchuu --method com.nyantec.igotchuu1.Stop
await 30 'the end' said '1.Error ()'
said "2.Error ('stopped', 'backup', '')" || fail "the typed end: $(cat "$stage/gdbus")"
