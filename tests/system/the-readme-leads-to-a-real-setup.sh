#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# README.md, "A real setup in five minutes", line by line: a NAS by ssh and a USB disk that comes and goes, keys, retention, a mail.
. "$(dirname "$0")/stage.sh"
. "$(dirname "$0")/readme.sh"
. "$(dirname "$0")/nas.sh"
usb=$stage/usb
undo() {
    unmake_nas
    umount --lazy /mnt/usb
    rm -rf /etc/credstore.encrypted/usb /usr/sbin/sendmail /root/mail
}

mkdir -p /home/alice /mnt/usb
new_btrfs /mnt/top
new_source /mnt/top home /home
mkdir /home/alice
echo 'Dear Bob' >/home/alice/letter
truncate --size 200M "$usb"
mkfs.ext4 -q "$usb"
mount -o loop "$usb" /mnt/usb
install -m 0755 /dev/stdin /usr/sbin/sendmail <<'SH'
#!/bin/sh
exec cat >>/root/mail
SH

make_nas

section 'A real setup in five minutes'
assert_outcome laptop pending
[ "$(last laptop '[.repositories[] | .repository + " " + .outcome] | sort | join(", ")')" = 'nas success, usb pending' ] || fail "recorded: $(last laptop .repositories)"
grep --quiet 'The recovery key of the repository nas' "$stage/said" || fail 'no recovery key was shown'
grep --quiet 'The recovery key of the repository usb' "$stage/said" || fail 'no recovery key of the disk was shown'
[ -e /etc/credstore.encrypted/nas ] && [ -e /etc/credstore.encrypted/usb ] || fail 'the working keys are not sealed'
for timer in igotchuu@laptop igotchuu-maintenance@nas; do state_is $timer.timer active || fail "$timer.timer is not active"; done

echo 'changed since' >/home/alice/letter
mount -o loop "$usb" /mnt/usb
sent() { [ ! -e /var/lib/igotchuu/kept/laptop.json ]; }
await 60 'what the disk has missed' sent
wait_for_state igotchuu-send@laptop inactive
systemctl --quiet is-failed igotchuu-send@laptop && fail "it failed: $(last laptop .message)"
[ "$(find /mnt/usb/laptop/snapshots -type f | wc --lines)" = 2 ] || fail 'the disk has not got what it has missed'

# Retention: three are kept, and the oldest one, since there are not as many days as the rules keep.
for run in 1 2 3; do
    next_second
    systemctl start igotchuu@laptop || fail "$(last laptop .message)"
done
[ "$(find /mnt/usb/laptop/snapshots -type f | wc --lines)" = 4 ] || fail "$(find /mnt/usb/laptop/snapshots -type f | wc --lines) snapshots are on the disk, not 4"

# The NAS has forgotten its key: root has a mail.
mv /etc/igotchuu/nas.key.pub "$stage"
! systemctl start igotchuu@laptop 2>/dev/null || fail 'a success without the NAS'
told() { grep --quiet --no-messages 'the server does not let us in' /root/mail; }
await 30 'the mail' told
