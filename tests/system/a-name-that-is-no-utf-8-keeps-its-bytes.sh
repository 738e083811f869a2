#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Names that are not UTF-8, of the source, of what is nested in it, and of a file that cannot be read: they are backed up under their very bytes, and what
# goes into JSON and the journal is valid there.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
source=$'/srv/caf\xe9' instance='srv-caf\xe9'
new_source /mnt/top $'caf\xe9' "$source"
undo() { umount --lazy "$source"; } # the stage reads JSON, which has no such name
btrfs --quiet subvolume create "$source/"$'n\xff'
printf within >"$source/"$'n\xff/f\xfe'
printf beside >"$source/"$'g\xfd'
remember_host
listen
systemctl start "igotchuu@$instance"
assert_outcome "$instance" success
assert_host_as_before
iconv --from-code UTF-8 --to-code UTF-8 "/var/lib/igotchuu/jobs/$instance.json" >/dev/null || fail 'the record is no UTF-8'
! journal_of "igotchuu@$instance" | grep 'the run goes on' || fail 'its state could not be written'
assert_says "$(journal_of "igotchuu@$instance")" 'Backup of srv-caf\xe9 complete: 2 files'
await 60 'its end on the bus' heard_at_least RunEnded 1
assert_heard "$instance success"
busctl --no-pager tree com.nyantec.igotchuu | grep --quiet 'job/srv_2dcaf_5cxe9' || fail 'it has no object on the bus'
default_restic restore latest --target "$stage/restored" >/dev/null
assert_same "$source" "$stage/restored$source"

# restic's words about a name keep what it could not say as U+FFFD; in plain text the byte comes raw
stand_in <<'SH'
printf '{"message_type":"error","error":{"message":"open /srv/d/x\\ufffd: input/output error"},"during":"archival","item":"/srv/d/x\\ufffd"}\n' >&2
printf '/srv/d/y\376 is odd\n' >&2
echo "$summary"
exit 3
SH
new_source /mnt/top d /srv/d
echo x >/srv/d/x
systemctl start igotchuu@d 2>/dev/null || true
assert_outcome d partial
assert_says "$(journal_of igotchuu@d)" '/srv/d/y\xfe is odd'
journal_of igotchuu@d | iconv --from-code UTF-8 --to-code UTF-8 >/dev/null || fail 'the journal has what is no UTF-8'
