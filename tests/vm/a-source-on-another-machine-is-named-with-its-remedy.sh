#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source on NFS or on FUSE: one error that names each and says what helps; what it says does help. A server that is gone is named at once, and holds neither
# a run nor what tidies up after one.
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
undo() {
    umount --lazy /srv/nfs /srv/fuse                                # before their servers go: it would wait for them
    systemctl --quiet stop fuse nfs-server
    umount /srv/exported
    rm -f /etc/exports
}
fresh_disks
mkdir -p /srv/{nfs,fuse,exported}
mkfs.ext4 -q "$(disk 1)"
mount "$(disk 1)" /srv/exported                                     # / is an overlay, which NFS does not export
echo here >/srv/exported/file
echo '/srv/exported 127.0.0.1(rw,no_root_squash,insecure,fsid=0)' >/etc/exports
systemctl start nfs-server
mount -t nfs4 127.0.0.1:/ /srv/nfs
systemd-run --quiet --unit=fuse --collect --service-type=notify rclone mount --config=/dev/null --cache-dir="$stage/rclone" :local:/srv/exported /srv/fuse
cheap_repository r
job d <<'TOML'
sources = ["/srv/nfs", "/srv/fuse"]
repositories = ["r"]
TOML
reload
remember_host

echo 'what cannot be frozen is named'
systemctl start igotchuu@d && fail 'what cannot be frozen was frozen'
assert_says "$(last d .message)" 'snapshot = "auto" can take no snapshot of /srv/nfs (on nfs4), /srv/fuse (on fuse.rclone): '
for remedy in 'leave it out of the job' 'snapshot = "command"' 'name it in "live"'; do assert_says "$(last d .message)" "$remedy"; done
assert_host_as_before

echo 'what it says helps'
job d <<<$'sources = ["/srv/nfs"]\nrepositories = ["r"]\nlive = ["/srv/nfs"]'
reload
systemctl start igotchuu@d || fail "the run failed: $(last d .message)"
assert_outcome d success
[ "$(on_r dump latest /srv/nfs/file)" = here ] || fail '/srv/nfs is not in the backup'
assert_host_as_before

echo 'a server that is gone is named'
job d <<<$'sources = ["/srv/nfs", "/srv/fuse"]\nrepositories = ["r"]\nlive = ["/srv/nfs", "/srv/fuse"]'
reload
systemctl kill --signal=STOP fuse
! systemctl start igotchuu@d || fail 'a dead file system was backed up'
assert_outcome d failed
assert_says "$(last d .message)" 'the file system of the source /srv/fuse (fuse.rclone) does not answer'
echo 'and keeps nobody from tidying up'
systemctl start --no-block igotchuu@d
await 60 'the run' test -e /run/igotchuu/state/d.json
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
await 60 'its end' state_is igotchuu@d failed
assert_outcome d killed
systemctl kill --signal=CONT fuse
assert_host_as_before
