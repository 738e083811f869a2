#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Another restic has the repository for itself: the run waits for it, can be stopped meanwhile, and backs up when the other one has ended. The lock of a
# backup that was killed holds nobody up.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
systemctl start igotchuu@srv-d # makes the repository
remember_host
locks() { default_restic --no-lock list locks; }

restic --repo $restic_repository --password-file $restic_repository.key --no-cache check >/dev/null 2>&1 &
other=$!
locked() { [ -n "$(ls $restic_repository/locks)" ]; }
await 10 'the lock of restic check' locked
kill -STOP $other
[ "$(locks | wc --lines)" = 1 ] || fail 'restic check was too quick: this tests nothing'

systemctl start --no-block igotchuu@srv-d
wait_for_phase srv-d restic
waits() { [ "$(pgrep --exact --count restic)" = 2 ] && [ "$(ps --no-headers -C restic -o etimes | sort --numeric-sort | head -n 1)" -ge 3 ]; }
await 20 'restic to wait for longer than it takes to try' waits
timeout 20 systemctl stop igotchuu@srv-d || fail 'it does not stop'
assert_exit igotchuu@srv-d 130
assert_outcome srv-d stopped

systemctl start --no-block igotchuu@srv-d
wait_for_phase srv-d restic
await 20 'restic to wait for longer than it takes to try' waits
kill -CONT $other
wait $other || fail 'restic check failed'
wait_for_state igotchuu@srv-d inactive
assert_outcome srv-d success
[ -z "$(locks)" ] || fail 'a lock is left'

mkfifo "$stage/endless"
restic --repo $restic_repository --password-file $restic_repository.key --no-cache backup --stdin <>"$stage/endless" >/dev/null 2>&1 &
other=$!
await 10 'the lock of restic backup' locked
kill -KILL $other
wait $other 2>/dev/null || true
[ "$(locks | wc --lines)" = 1 ] || fail 'no lock was left: this tests nothing'
systemctl start igotchuu@srv-d
assert_outcome srv-d success
assert_host_as_before
