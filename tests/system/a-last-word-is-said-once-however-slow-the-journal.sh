#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run is killed after its last word, which the journal has not taken yet. Whoever cleans up after it does not say it again.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
printf '%s\n' "$summary"
SH
journald=$(systemctl show --property MainPID --value systemd-journald)
undo() { kill -CONT "$journald"; }
last_words() { journalctl --quiet --output json "IGOTCHUU_INVOCATION=$1" MESSAGE_ID=e6ccea640f35452a9c2541d44027166f | wc --lines; }

kill -STOP "$journald"
status=0
{ strace --quiet=all --output=/dev/null --trace-path=/run/igotchuu/state/d.json --inject=unlink,unlinkat:signal=KILL \
    /usr/libexec/igotchuu-exec backup d; } >/dev/null 2>&1 || status=$?
[ $status = 137 ] || fail "it was not killed: $status"
killed=$(last d .invocation_id)
/usr/libexec/igotchuu-exec backup d & next=$!
sleep 1                                                                 # so slow is the journal
kill -CONT "$journald"
wait $next
[ "$(last d .invocation_id)" != "$killed" ] || fail 'the next run is not on record'
journalctl --sync
said=$(last_words "$killed")
[ "$said" = 1 ] || fail "the last word was said $said times"
