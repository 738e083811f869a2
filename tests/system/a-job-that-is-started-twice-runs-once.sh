#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The unit twice is one run. By hand beside the unit, beside another by hand, and the unit beside one by hand: the second says that the job is already
# running (75), touches nothing, and has no place in the record; the first ends well.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<'SH'
echo run >>$here/runs
until [ -e $here/go ]; do sleep 0.02; done
rm $here/go
echo "$summary"
SH
remember_host
runs() { wc --lines </srv/stand-in/runs; }
by_hand() { exec /usr/libexec/igotchuu-exec backup d; }
refused_by_hand() {
    local said status
    said=$(timeout 20 /usr/libexec/igotchuu-exec backup d 2>&1) && status=0 || status=$?
    [ $status = 75 ] || fail "the second by hand: exit status $status: $said"
    assert_says "$said" 'the job d is already running'
}
end_well() {
    [ -n "$(ls /mnt/top/.igotchuu)" ] || fail 'the snapshot of the first run is gone'
    touch /srv/stand-in/go
}

systemctl start igotchuu@d &
wait_for_phase d restic
systemctl start igotchuu@d &
refused_by_hand
end_well
wait
[ "$(runs)" = 1 ] || fail 'it ran twice'
assert_outcome d success

(by_hand 2>/dev/null) &
wait_for_phase d restic
refused_by_hand
systemctl start --no-block igotchuu@d
said_so() { journal_of igotchuu@d | grep --quiet 'already running'; }
await 10 'the unit to say why' said_so
assert_exit igotchuu@d 75
systemctl stop igotchuu@d
end_well
wait $! || fail 'the first by hand failed'
[ "$(runs)" = 2 ] || fail "it ran $(runs) times"
[ "$(jq '.history | length' /var/lib/igotchuu/jobs/d.json)" = 2 ] || fail 'the record has a run that was none'
assert_outcome d success
assert_host_as_before
