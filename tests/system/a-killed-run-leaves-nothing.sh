#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SIGKILL while restic runs: restic is dead, the unit has reaped the snapshot, the record says "killed", and the next run succeeds.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/nested
remember_host
for phase in snapshot mount restic restic; do
    systemctl start --no-block igotchuu@srv-d
    await 30 "phase $phase or later" test -e /run/igotchuu/state/srv-d.json
    [ $phase != restic ] || wait_for_phase srv-d restic
    systemctl kill --kill-whom=main --signal=KILL igotchuu@srv-d
    wait_for_state igotchuu@srv-d failed
    assert_outcome srv-d killed
    assert_host_as_before
    systemctl reset-failed igotchuu@srv-d
done
systemctl start igotchuu@srv-d
assert_outcome srv-d success
assert_host_as_before

# ExecStopPost= killed as well, or never run: by hand, with restic left an orphan. The next run reaps.
/usr/libexec/igotchuu-exec backup srv-d 2>/dev/null &
wait_for_phase srv-d restic
kill -KILL $!
wait $! || true
gone() { ! pgrep --exact restic >/dev/null; }
await 5 'restic to die with its parent' gone
[ -n "$(ls /mnt/top/.igotchuu)" ] || fail 'nothing was left: this test tests nothing'
systemctl start igotchuu@srv-d
assert_says "$(journal_of igotchuu@srv-d)" 'left'
assert_outcome srv-d success
assert_host_as_before
default_restic check
