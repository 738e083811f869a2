#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run is killed after its last word, which the journal has not taken yet. Whoever cleans up after it does not say it again; only where the journal cannot be asked
# whether it has it: twice is better than never.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
printf '%s\n' "$summary"
SH
journald=$(systemctl show --property MainPID --value systemd-journald)
undo() { kill -CONT "$journald"; umount --quiet /run/systemd/journal/io.systemd.journal; }
last_words() { journalctl --quiet --output json "IGOTCHUU_INVOCATION=$1" MESSAGE_ID=e6ccea640f35452a9c2541d44027166f | wc --lines; }

# killed_after_its_word: a run, once the record has it.
killed_after_its_word() {
    local status=0
    { strace --quiet=all --output=/dev/null --trace-path=/run/igotchuu/state/d.json --inject=unlink,unlinkat:signal=KILL \
        /usr/libexec/igotchuu-exec backup d; } >/dev/null 2>&1 || status=$?
    [ $status = 137 ] || fail "it was not killed: $status"
    killed=$(last d .invocation_id)
}

kill -STOP "$journald"
killed_after_its_word
/usr/libexec/igotchuu-exec backup d & next=$!
sleep 1                                                                 # so slow is the journal
kill -CONT "$journald"
wait $next
[ "$(last d .invocation_id)" != "$killed" ] || fail 'the next run is not on record'
journalctl --sync
said=$(last_words "$killed")
[ "$said" = 1 ] || fail "the last word was said $said times"

killed_after_its_word
touch "$stage/nobody"
mount --bind "$stage/nobody" /run/systemd/journal/io.systemd.journal
/usr/libexec/igotchuu-exec backup d
umount /run/systemd/journal/io.systemd.journal
journalctl --sync
said=$(last_words "$killed")
[ "$said" = 2 ] || fail "the last word was said $said times, though nobody could know of the first"
