#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Another restic has the repository for itself: the run waits for it, can be stopped meanwhile, and backs up when the other one has ended. The lock of a
# backup that was killed holds nobody up. Old snapshots, which only who is alone may remove, wait for a later run; that is a success for three days.
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
! wait $other 2>/dev/null || fail 'restic was not killed: this tests nothing'
[ "$(locks | wc --lines)" = 1 ] || fail 'no lock was left: this tests nothing'
systemctl start igotchuu@srv-d
assert_outcome srv-d success

cheap_repository r
echo 'answer-timeout = 10' >>/etc/igotchuu/repositories/r.toml # for half of which it waits
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 1'
reload
systemctl start igotchuu@d
works() {
    restic --repo /srv/cheap/r --password-file /etc/igotchuu/r.key --no-cache backup --stdin <>"$stage/endless" >/dev/null 2>&1 &
    other=$!
    await 10 'the lock of restic backup' eval '[ -n "$(ls /srv/cheap/r/locks)" ]'
}
hold() { last d '.repositories[0].retention | [.hold, .removed] | join(" ")'; }
works
next_second
systemctl start igotchuu@d
assert_outcome d success
[ "$(hold)" = 'locked 0' ] || fail "$(hold)"
assert_says "$(journal_of igotchuu@d)" 'Old snapshots of d in r go with one of the next runs: '

jq --compact-output '.history[0].ended_usec -= 73 * 3600 * 1000000' /var/lib/igotchuu/jobs/d.json >"$stage/record" && cat "$stage/record" >/var/lib/igotchuu/jobs/d.json
next_second
! systemctl start igotchuu@d || fail 'after three days it is still a success'
assert_outcome d partial
[ "$(hold)" = 'failed 0' ] || fail "$(hold)"
systemctl reset-failed igotchuu@d

kill -KILL $other
wait $other 2>/dev/null || true
restic --repo /srv/cheap/r --password-file /etc/igotchuu/r.key --no-cache --quiet unlock # igotchuu does not know that it was of this machine
next_second
systemctl start igotchuu@d
assert_outcome d success
[ "$(hold)" = 'none 3' ] || fail "$(hold)"
assert_host_as_before
