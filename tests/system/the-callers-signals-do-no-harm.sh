#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# By hand, without a terminal: a caller's ignored SIGCHLD (so that children vanish unseen) is nothing to us, and a SIGHUP (the session ends) stops
# the run as SIGTERM does, unless it is ignored (nohup). It never dies of it with its snapshot left behind.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 1200
new_source /mnt/top d /srv/d
systemctl start igotchuu@srv-d # makes the repository
head --bytes 300M /dev/urandom >/srv/d/big
remember_host
by_hand() { exec "$@" /usr/libexec/igotchuu-exec backup srv-d <&- >"$stage/said" 2>&1; }

(by_hand env --default-signal=HUP) &
wait_for_phase srv-d restic
kill -HUP $!
wait $! && status=0 || status=$?
[ $status = 130 ] || fail "after a hangup: exit status $status"
assert_outcome srv-d stopped
assert_host_as_before

(by_hand env --ignore-signal=HUP) &
wait_for_phase srv-d restic
kill -HUP $!
wait $! || fail "an ignored hangup ended the run: $(cat "$stage/said")"
assert_outcome srv-d success

(by_hand env --ignore-signal=CHLD) || fail "with SIGCHLD ignored: $(cat "$stage/said")"
assert_outcome srv-d success
assert_host_as_before
