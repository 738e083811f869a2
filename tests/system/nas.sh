# SPDX-License-Identifier: MIT
# A NAS by ssh: this machine's sshd, with a user `backup` who may do nothing but sftp, and who is let in by /etc/igotchuu/nas.key. Source it after stage.sh.
nas=/srv/nas
make_nas() {
    usermod --password '*' backup
    install -d -o backup $nas/home
    ssh-keygen -q -N '' -t ed25519 -f $nas/host_key
    cat >$nas/sshd_config <<SSHD
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
SSHD
    echo '127.0.0.1 nas' >>/etc/hosts
    systemd-run --quiet --unit=nas --collect --service-type=exec --property=RuntimeDirectory=sshd /usr/sbin/sshd -D -e -f $nas/sshd_config
    await 30 'the NAS' listens
}
listens() { : <>/dev/tcp/127.0.0.1/22; } 2>/dev/null
unmake_nas() {
    systemctl --quiet stop nas
    sed --in-place '/ nas$/d' /etc/hosts
    rm -rf $nas /etc/credstore.encrypted/nas
}
