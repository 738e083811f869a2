#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# GetLastMessages has what went wrong in each repository, once; and nothing after a success.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo file >/srv/d/file
messages() { busctl --json=short call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 GetLastMessages | jq --raw-output '.data[0][]'; }
for name in usb nas; do
    repository $name <<<"location = \"/mnt/$name\""$'\npassword-file = "/etc/hostname"'
done
job d <<<$'sources = ["/srv/d"]\nrepositories = ["usb", "nas"]\npending.days = 0'
reload
! systemctl start igotchuu@d 2>/dev/null || fail 'the backup did not fail'
for name in usb nas; do
    [ "$(messages | grep --only-matching "$name: there is no repository at /mnt/$name" | wc --lines)" = 1 ] || fail "the messages are: $(messages)"
done

job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
[ -z "$(messages)" ] || fail "after a success: $(messages)"
