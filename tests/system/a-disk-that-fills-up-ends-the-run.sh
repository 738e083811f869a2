#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A snapshot holds what is deleted meanwhile. When the disk runs full during a run, the run ends and gives the space back: it has failed, says why,
# and the next one is good. A disk that was as good as full before is backed up all the same.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
head --bytes 60M /dev/urandom >/srv/home/big
job home <<'TOML'
sources = ["/srv/home"]
restic-args = ["--limit-upload=2000"]                               # KiB/s: half a minute
TOML
reload
remember_host
systemctl start --no-block igotchuu@home
wait_for_phase home restic
! dd if=/dev/zero of=/srv/home/fill bs=1M status=none 2>/dev/null || fail 'the disk has no end'
sync --file-system /srv/home
wait_for_state igotchuu@home failed
assert_outcome home failed
assert_says "$(last home .message)" 'is running out of space, and the snapshot holds what is deleted on it'
assert_host_as_before
sed -i /restic-args/d /etc/igotchuu/jobs/home.toml
reload
systemctl start igotchuu@home
assert_outcome home success
assert_host_as_before
