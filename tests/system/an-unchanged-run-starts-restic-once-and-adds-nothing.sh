#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One start of restic a run, and not a byte of new trees when nothing has changed: also where the new snapshot has another device number than the last
# one had (restic stores it in its trees, unless told not to).
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
cp -r /usr/share/perl /srv/d/
systemctl start igotchuu@srv-d
occupy_device_numbers /mnt/top
systemctl start igotchuu@srv-d
assert_outcome srv-d success
[ "$(last srv-d .restic_starts)" = 1 ] || fail "restic was started $(last srv-d .restic_starts) times"
[ "$(last srv-d .repositories[0].summary.data_added)" = 0 ] || fail "added: $(last srv-d .repositories[0].summary.data_added) bytes"
[ "$(last srv-d .repositories[0].summary.files_new)" = 0 ] || fail 'restic did not find the last snapshot as its parent'
