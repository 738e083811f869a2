#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# P3: a backup or a maintenance that was stopped leaves no lock; of one that was killed it is removed by the next maintenance or backup, which works. A lock whose process
# number somebody else has by now is left alone, and that somebody, too; so is one that igotchuu's own have not made, since another machine may have this one's name.
. "$(dirname "$0")/stage.sh"

maintained usb
mkdir -p /srv/d
head --bytes 8M /dev/urandom >/srv/d/big
restic_usb backup /srv/d/big
head --bytes 30M /dev/urandom >/srv/d/big
job d <<<$'sources = ["/srv/d"]\nsnapshot = "none"\nrepositories = ["usb"]'
throttle usb up 100
locks() { restic_usb list locks --no-lock; }
lock_is_there() { [ -n "$(ls /srv/usb/locks)" ]; }
kill_a_backup() {
    systemctl start --no-block igotchuu@d
    await 30 'the lock of the backup' lock_is_there
    systemctl kill --signal=KILL igotchuu@d
    wait_for_state igotchuu@d failed
    lock_is_there || fail 'the killed backup left no lock: this tests nothing'
}
maintenance_works() {
    unthrottle usb
    systemctl start igotchuu-maintenance@usb || fail "$1: the next maintenance failed: $(last_maintenance usb .message)"
    [ "$(last_maintenance usb .outcome)" = success ] || fail "$1: $(last_maintenance usb .)"
    [ -z "$(locks)" ] || fail "$1: a lock is left"
}

systemctl start --no-block igotchuu@d
await 30 'the lock of the backup' lock_is_there
igotchuu stop d
wait_for_state igotchuu@d failed
assert_outcome d stopped
[ -z "$(locks)" ] || fail 'a backup that was stopped left its lock'
maintenance_works 'a backup was stopped'

throttle usb up 100
kill_a_backup
maintenance_works 'a backup was killed'
[ "$(last_maintenance usb .unlocked)" = true ] || fail 'the lock was not removed'
assert_says "$(journal_of igotchuu-maintenance@usb)" '1 lock was in the repository usb: restic was asked to remove those that are stale'

# 8 MiB are to be read, in half a minute.
throttle usb down 300
reads() { restic_is check && lock_is_there; }
systemctl start --no-block igotchuu-maintenance@usb
await 30 'restic check' reads
timeout 90 systemctl stop igotchuu-maintenance@usb || fail 'it does not stop'
assert_exit igotchuu-maintenance@usb 130
[ "$(last_maintenance usb .outcome)" = stopped ] || fail "it is $(last_maintenance usb .outcome)"
[ -z "$(locks)" ] || fail 'a maintenance that was stopped left its lock'
[ "$(last_maintenance usb .part)" = 0 ] || fail 'a part that was not read counts as read'

systemctl start --no-block igotchuu-maintenance@usb
await 30 'restic check' reads
systemctl kill --kill-whom=main --signal=KILL igotchuu-maintenance@usb
wait_for_state igotchuu-maintenance@usb failed
[ "$(last_maintenance usb '.outcome + " " + .message')" = 'killed by SIGKILL' ] || fail "recorded: $(last_maintenance usb .)"
lock_is_there || fail 'the killed maintenance left no lock: this tests nothing'
maintenance_works 'a maintenance was killed'
[ -z "$(find /var/cache/igotchuu -name 'check-*')" ] || fail 'its cache is left'

# A lock with the number of a process that is another one by now: made in a namespace that has numbers of its own. proc_sys_kernel(5), ns_last_pid.
sleep infinity &
stranger=$!
mkfifo "$stage/endless"
export -f restic_usb
unshare --pid --mount-proc --fork --kill-child bash -c '
    echo '$((stranger - 2))' >/proc/sys/kernel/ns_last_pid
    restic_usb backup --stdin <>'"$stage/endless"' >/dev/null 2>&1 &
    wait' &
foreign=$!
await 60 'the lock of restic backup' lock_is_there
kill -KILL "$foreign"
wait "$foreign" 2>/dev/null || true
[ "$(restic_usb cat lock "$(locks)" --no-lock | jq .pid)" = "$stranger" ] || fail 'the lock has another number: this tests nothing'
waits_for_the_lock() {
    systemctl start --no-block igotchuu-maintenance@usb
    await 30 'restic prune' restic_is prune
    [ -n "$(locks)" ] || fail "$1: the lock was removed, and nobody could know whose it is"
    systemctl stop igotchuu-maintenance@usb
}
waits_for_the_lock 'somebody has its number'
kill -0 "$stranger" || fail 'a stranger was killed by restic unlock'
kill "$stranger"
wait "$stranger" 2>/dev/null || true
waits_for_the_lock 'nobody has its number here'
restic_usb unlock
maintenance_works 'the lock is gone'

# Where no maintenance comes the next backup does it, for its retention, which wants the repository alone, and for itself.
job d <<<$'sources = ["/srv/d"]\nsnapshot = "none"\nrepositories = ["usb"]\nkeep.last = 1'
sed --in-place '1i answer-timeout = 10' /etc/igotchuu/repositories/usb.toml
unthrottle usb
next_second
systemctl start igotchuu@d # what the next one removes
head --bytes 30M /dev/urandom >/srv/d/big
throttle usb up 100
kill_a_backup
unthrottle usb
next_second
systemctl start igotchuu@d || fail "behind the lock of a backup that was killed: $(last d .message)"
[ -z "$(locks)" ] || fail 'the lock of a backup that was killed is left'
throttle usb down 300
systemctl start --no-block igotchuu-maintenance@usb
await 30 'restic check' reads
systemctl kill --signal=KILL igotchuu-maintenance@usb
wait_for_state igotchuu-maintenance@usb failed
lock_is_there || fail 'there is no lock of a check: this tests nothing'
unthrottle usb
touch /srv/d/new
next_second
systemctl start igotchuu@d || fail "behind the lock of a check that was killed: $(last d .message)"
assert_outcome d success
[ -z "$(locks)" ] || fail 'the lock of a check that was killed is left'
