#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# /tmp is where restic keeps what it packs: a frozen /tmp, which is the source, must not be in its way.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top tmp /tmp
chmod 1777 /tmp
head --bytes 20M /dev/urandom >/tmp/big
job tmp <<<'sources = ["/tmp"]'
reload
remember_host
systemctl start igotchuu@tmp
assert_outcome tmp success
default_restic dump latest /tmp/big | cmp - /tmp/big
[ -z "$(find /var/tmp -name 'restic-*')" ] || fail 'restic left something in /var/tmp'
assert_host_as_before
