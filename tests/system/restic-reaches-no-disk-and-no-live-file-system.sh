#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A restic that has been taken over finds no node of a disk, no writable mount of the file system that it backs up, and can write to igotchuu's own
# directories only. A stand-in for it says what it finds.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
touch /srv/home/file
cat >"$stage/restic" <<'SCRIPT'
#!/bin/bash
case $1 in
version) echo 'restic 0.18.0 compiled with go1.24.4 on linux/amd64' && exit ;;
features) exit ;;
esac
say() { echo "found: $*" >&2; }
say "devices" /dev/*
say "sockets" $(for path in /run/dbus/* /run/systemd/*; do [ ! -S "$path" ] || echo "$path"; done)
systemctl daemon-reload 2>/dev/null && say "systemd obeys"
busctl --system list >/dev/null 2>&1 && say "the bus answers"
say "scratch" "$(find /run/igotchuu/scratch -mindepth 1 | head -n 3)."
say "capabilities" "$(sed --quiet 's/^CapEff:\t//p' /proc/self/status)"
for directory in /etc /root /srv /usr /mnt /mnt/top /srv/home / /dev /run /boot; do
    (: >"$directory/igotchuu-test") 2>/dev/null && say "writable $directory"
done
for directory in /run/igotchuu /var/lib/igotchuu /var/cache/igotchuu; do
    (: >"$directory/igotchuu-test") 2>/dev/null && say "writable $directory" && rm "$directory/igotchuu-test"
done
head --bytes 1 /dev/urandom >/dev/null && : >/dev/null && say "urandom and null"
exit 1
SCRIPT
chmod 0755 "$stage/restic"
mount --bind "$stage/restic" /usr/bin/restic
job home <<<'sources = ["/srv/home"]'
reload
install -d -m 0700 /var/lib/igotchuu/repository && touch /var/lib/igotchuu/repository/config
install -m 0600 /dev/stdin /var/lib/igotchuu/repository.key <<<key
! systemctl start igotchuu@home || fail 'a restic that fails was believed'
umount /usr/bin/restic
found=$(journal_of igotchuu@home | sed --quiet 's/^found: //p')
expected='devices /dev/full /dev/null /dev/random /dev/urandom /dev/zero
sockets /run/systemd/notify
scratch .
capabilities 0000000000000004
writable /run/igotchuu
writable /var/lib/igotchuu
writable /var/cache/igotchuu
urandom and null'
diff <(printf '%s\n' "$expected") <(printf '%s\n' "$found") || fail 'restic finds more, or less, than it should'
