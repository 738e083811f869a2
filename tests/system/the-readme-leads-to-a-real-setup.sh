#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# README.md, "A real setup in five minutes", line by line: a NAS by ssh and a USB disk that comes and goes, keys, retention, a mail.
. "$(dirname "$0")/stage.sh"
. "$(dirname "$0")/readme.sh"
nas=/srv/nas usb=$stage/usb
undo() {
    systemctl --quiet stop nas
    umount --lazy /mnt/usb
    sed --in-place '/ nas$/d' /etc/hosts
    rm -rf $nas /etc/credstore.encrypted/{nas,usb} /usr/sbin/sendmail /root/mail
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

# The NAS: this machine's sshd, with a user who may do nothing but sftp.
usermod --password '*' backup
install -d -o backup $nas/home
ssh-keygen -q -N '' -t ed25519 -f $nas/host_key
cat >$nas/sshd_config <<EOF
Port 22
ListenAddress 127.0.0.1
HostKey $nas/host_key
PidFile none
UsePAM no
PasswordAuthentication no
AuthorizedKeysFile /etc/igotchuu/nas.key.pub
Subsystem sftp internal-sftp
Match User backup
    ForceCommand internal-sftp -d $nas/home
EOF
echo '127.0.0.1 nas' >>/etc/hosts
systemd-run --quiet --unit=nas --collect --service-type=exec --property=RuntimeDirectory=sshd /usr/sbin/sshd -D -e -f $nas/sshd_config
listens() { : <>/dev/tcp/127.0.0.1/22; } 2>/dev/null
await 30 'the NAS' listens

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
