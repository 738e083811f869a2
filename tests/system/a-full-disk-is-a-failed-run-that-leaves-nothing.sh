#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No space for the repository: failed, nothing left, the next run is good once there is room. No space on the source: the snapshot is made all the
# same, or its failure says so.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
head --bytes 100M /dev/urandom >/srv/d/big
mkdir -p /mnt/small && truncate --size 40M "$stage/small" && mkfs.ext4 -q "$stage/small" && mount -o loop "$stage/small" /mnt/small
install -m 0600 /dev/stdin /etc/password <<<secret
RESTIC_PASSWORD=secret restic --quiet --no-cache --repo /mnt/small/r init
repository small <<<$'location = "/mnt/small/r"\npassword-file = "/etc/password"'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["small"]'
reload
remember_host
! systemctl start igotchuu@d 2>/dev/null || fail 'it went into 40 MB?'
assert_exit igotchuu@d 1
assert_outcome d failed
assert_says "$(journal_of igotchuu@d)" 'no space'
assert_host_as_before
rm /srv/d/big && echo small >/srv/d/small
RESTIC_PASSWORD=secret restic --quiet --no-cache --repo /mnt/small/r unlock
systemctl start igotchuu@d
assert_outcome d success

! dd if=/dev/zero of=/srv/d/fill bs=1M status=none 2>/dev/null || fail 'the disk has no end'
sync --file-system /srv/d
! dd if=/dev/zero of=/srv/d/more bs=1M count=50 status=none 2>/dev/null || fail 'the disk is not full: this test tests nothing'
rm -rf /etc/igotchuu/jobs/d.toml
job full <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@full || assert_says "$(journal_of igotchuu@full)" 'space'
assert_host_as_before
rm -f /etc/password
