#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source on NFS or on FUSE: one error that names each and says what helps; what it says does help. When their server is gone, a run can still be stopped.
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
undo() {
    systemctl --quiet stop fuse nfs-server
    umount --lazy --force /srv/nfs /srv/fuse /srv/exported
    rm -f /etc/exports
}
fresh_disks
mkdir -p /srv/{nfs,fuse,exported}
mkfs.ext4 -q "$(disk 1)"
mount "$(disk 1)" /srv/exported                                     # / is an overlay, which NFS does not export
echo here >/srv/exported/file
echo '/srv/exported 127.0.0.1(rw,no_root_squash,insecure)' >/etc/exports
systemctl start nfs-server
mount -t nfs4 127.0.0.1:/srv/exported /srv/nfs
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
echo 'live = ["/srv/nfs", "/srv/fuse"]' >>/etc/igotchuu/jobs/d.toml
reload
systemctl start igotchuu@d || fail "the run failed: $(last d .message)"
assert_outcome d success
for source in nfs fuse; do
    [ "$(on_r dump latest /srv/$source/file)" = here ] || fail "/srv/$source is not in the backup"
done
assert_host_as_before

echo 'a server that is gone does not keep a run from being stopped'
on_r unlock
systemctl kill --signal=STOP fuse
systemctl start --no-block igotchuu@d
await 60 'the run' test -e /run/igotchuu/state/d.json
next_second
systemctl stop igotchuu@d
[ "$(systemctl show --property ActiveState --value igotchuu@d)" = failed ] || fail 'it is a success'
systemctl kill --signal=CONT fuse
[[ "$(last d .outcome)" = stopped || "$(last d .outcome)" = killed ]] || fail "recorded: $(last d .outcome)"
systemctl reset-failed igotchuu@d
systemctl start igotchuu@d || fail "the run after it failed: $(last d .message)"
assert_host_as_before
