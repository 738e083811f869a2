#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# /tmp is where restic keeps what it packs: a frozen /tmp, which is the source, must not be in its way, nor what covers it on the way to a user's directory.
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

install -d -o 1000 -g 1000 /tmp/mine
mv /tmp/big /tmp/mine
job mine <<<'sources = ["/tmp/mine"]'
reload
remember_host
systemctl start igotchuu@mine || fail "$(last mine .message)"
default_restic dump latest /tmp/mine/big | cmp - /tmp/mine/big
assert_host_as_before
