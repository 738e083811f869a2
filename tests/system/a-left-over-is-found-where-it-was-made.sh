#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run by hand is killed, and its job then gets other sources, on another disk: the next run still takes away what is left on the first.
. "$(dirname "$0")/stage.sh"

new_btrfs /srv/first
new_btrfs /srv/second
head --bytes 100M /dev/urandom >/srv/first/big
job d <<<'sources = ["/srv/first"]'
reload
remember_host
/usr/libexec/igotchuu-exec backup d 2>/dev/null &
wait_for_phase d restic
kill -KILL $!
wait $! || true
gone() { ! pgrep --exact restic >/dev/null; }
await 5 'restic to die with its parent' gone
[ -n "$(ls /srv/first/.igotchuu)" ] || fail 'nothing was left: this test tests nothing'
job d <<<'sources = ["/srv/second"]'
reload
systemctl start igotchuu@d
assert_outcome d success
assert_host_as_before
