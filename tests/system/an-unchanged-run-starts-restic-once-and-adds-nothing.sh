#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One start of restic a run, and not a byte of new trees when nothing has changed: also while the last run's snapshot still exists, so that the
# new one cannot have its device number (restic stores that in its trees, unless told not to).
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
cp -r /usr/share/perl /srv/d/
systemctl start igotchuu@srv-d
systemctl start --no-block igotchuu@srv-d
wait_for_phase srv-d restic
keep_instant /mnt/top srv-d kept
wait_for_state igotchuu@srv-d inactive
systemctl start igotchuu@srv-d
assert_outcome srv-d success
[ "$(last srv-d .restic_starts)" = 1 ] || fail "restic was started $(last srv-d .restic_starts) times"
[ "$(last srv-d .repositories[0].summary.data_added)" = 0 ] || fail "added: $(last srv-d .repositories[0].summary.data_added) bytes"
[ "$(last srv-d .repositories[0].summary.files_new)" = 0 ] || fail 'restic did not find the last snapshot as its parent'
