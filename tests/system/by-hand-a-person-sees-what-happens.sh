#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu-exec backup: on a terminal one live line and a summary, into a pipe plain lines without escapes; the host sees none of its mounts.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
cp -r /usr/share/perl /srv/d
remember_host
piped=$(/usr/libexec/igotchuu-exec backup srv-d 2>&1)
assert_outcome srv-d success
! grep --quiet $'[\e\r]' <<<"$piped" || fail "a pipe got escapes: $piped"
assert_says "$piped" "$(last srv-d '.repositories[0].summary.snapshot_id[0:8]')"
assert_host_as_before

seen=$(script --quiet --return --command '/usr/libexec/igotchuu-exec backup srv-d' /dev/null)
grep --quiet $'\r' <<<"$seen" || fail "a terminal got no live line: $seen"
assert_says "$seen" "$(last srv-d '.repositories[0].summary.snapshot_id[0:8]')"

# Beside a run of the unit: the lock holds across both.
head --bytes 200M /dev/urandom >/srv/d/big
systemctl start --no-block igotchuu@srv-d
wait_for_phase srv-d restic
said=$(/usr/libexec/igotchuu-exec backup srv-d 2>&1) && status=0 || status=$?
[ "$status" = 75 ] || fail "beside the unit: exit status $status"
assert_says "$said" 'already running'
wait_for_state igotchuu@srv-d inactive
assert_outcome srv-d success
assert_host_as_before

said=$(/usr/libexec/igotchuu-exec 2>&1) && status=0 || status=$?
[ "$status" = 64 ] || fail "no verb: exit status $status"
assert_says "$said" Usage
/usr/libexec/igotchuu-exec --help | grep --quiet 'backup \[--moved\] NAME' || fail 'no help'
