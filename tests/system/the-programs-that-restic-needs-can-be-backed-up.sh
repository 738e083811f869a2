#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A view is noexec, but for the tree that restic itself is started from; nosuid it is in any case.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 1200
rsync --archive /usr/bin/ /mnt/top/bin/
mount --bind /mnt/top/bin /usr/bin
job bin <<<'sources = ["/usr/bin"]'
reload
remember_host
systemctl start igotchuu@bin
assert_outcome bin success
default_restic dump latest /usr/bin/restic | cmp - /usr/bin/restic
assert_host_as_before
