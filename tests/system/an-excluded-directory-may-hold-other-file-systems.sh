#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file system mounted below a source is missing in the backup, which is then partial, until the job excludes it, or a directory above it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_btrfs /mnt/other
new_source /mnt/top d /srv/d
for number in 1 2 3; do
    mkdir -p "/srv/d/containers/$number"
    mount --bind /mnt/other "/srv/d/containers/$number"
done
unmount() { umount /srv/d/containers/*; }
# outcome EXIT OUTCOME EXCLUDE
outcome() {
    job d <<<$'sources = ["/srv/d"]\nexclude = ["'"$3"'"]'
    reload
    systemctl start igotchuu@d 2>/dev/null || true
    assert_exit igotchuu@d "$1"
    assert_outcome d "$2"
}
undo() { unmount; }
remember_host
outcome 3 partial /srv/d/containers/1
assert_says "$(last d .message)" /srv/d/containers/2
outcome 3 partial /srv/d/contain
outcome 0 success /srv/d/containers
assert_host_as_before
