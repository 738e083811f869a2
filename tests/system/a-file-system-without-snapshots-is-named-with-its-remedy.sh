#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source on an overlay, on ext4 without LVM, on a tmpfs: one error that names each and says what helps. What it says does help.
. "$(dirname "$0")/stage.sh"
mkdir -p /srv/{overlay,ext4,memory,lower,prepared}
truncate --size 64M "$stage/ext4"
mkfs.ext4 -q "$stage/ext4"
mount -o loop "$stage/ext4" /srv/ext4
mount -t tmpfs tmpfs /srv/memory
mkdir /srv/memory/{upper,work}
mount -t overlay -o lowerdir=/srv/lower,upperdir=/srv/memory/upper,workdir=/srv/memory/work overlay /srv/overlay
for directory in overlay ext4 memory prepared; do echo here >/srv/$directory/file; done
restic() { command restic --repo "$restic_repository" --password-file "$restic_repository.key" --quiet --no-cache "$@"; }
remember_host

job d <<<'sources = ["/srv/overlay", "/srv/ext4", "/srv/memory"]'
for method in auto btrfs; do
    sed -i '/^snapshot/d' /etc/igotchuu/jobs/d.toml
    echo "snapshot = \"$method\"" >>/etc/igotchuu/jobs/d.toml
    reload
    systemctl start igotchuu@d && fail "$method has frozen what cannot be frozen"
    said=$(last d .message)
    assert_says "$said" "snapshot = \"$method\" can take no snapshot of /srv/overlay (on overlay), /srv/ext4 (on ext4), /srv/memory (on tmpfs): "
    for remedy in 'leave it out of the job' 'snapshot = "command"' 'name it in "live"'; do assert_says "$said" "$remedy"; done
    assert_host_as_before
done

job d <<'TOML'
sources = ["/srv/overlay", "/srv/ext4", "/srv/memory"]
snapshot = "command"
prepare = ["/bin/true"]
prepared = ["/srv/prepared"]
live = ["/srv/memory", "/srv/overlay"]
TOML
reload
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d '[.sources[].method] | join(" ")')" = 'none command none' ] || fail "recorded: $(last d .sources)"
for source in overlay ext4 memory; do
    [ "$(restic dump latest /srv/$source/file)" = here ] || fail "/srv/$source is not in the backup"
done
assert_host_as_before
umount /srv/overlay /srv/memory
rm -rf /srv/prepared /srv/lower
