#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic missing, or too old: one line that says so, before anything is made.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
refused() {
    ! systemctl start igotchuu@srv-d 2>/dev/null || fail "$1: it ran"
    assert_exit igotchuu@srv-d 1
    assert_says "$(journal_of igotchuu@srv-d)" "$2"
    assert_host_as_before
    [ ! -e /mnt/top/.igotchuu ] || fail "$1: a snapshot was made first"
}
install -m 0755 /dev/stdin "$stage/old" <<'EOT'
#!/bin/sh
echo 'restic 0.14.0 compiled with go1.19.8 on linux/amd64'
EOT
install -m 0644 /dev/null "$stage/missing"
mount --bind "$stage/old" /usr/bin/restic
remember_host
refused 'too old' 0.14.0
umount /usr/bin/restic
mount --bind "$stage/missing" /usr/bin/restic
remember_host
refused 'cannot be run' /usr/bin/restic
umount /usr/bin/restic
systemctl start igotchuu@srv-d
