#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Without a snapshot: the whole job by snapshot = "none", or a source and a mount point by "live". It works, and nobody is told that it was frozen.
. "$(dirname "$0")/stage.sh"

undo() { umount --lazy /srv/memory; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/d/boot /srv/d/other /srv/memory
mount -t tmpfs tmpfs /srv/memory
mount -t tmpfs tmpfs /srv/d/boot
echo frozen >/srv/d/file
echo live >/srv/d/boot/file
echo memory >/srv/memory/file
restic() { command restic --repo "$restic_repository" --password-file /var/lib/igotchuu/repository.key --quiet "$@"; }

job none <<<$'sources = ["/srv/memory"]\nsnapshot = "none"'
job some <<<$'sources = ["/srv/d", "/srv/memory"]\nlive = ["/srv/memory", "/srv/d/boot"]'
reload
remember_host

systemctl start igotchuu@none
assert_outcome none success
[ "$(last none '.sources[0].method, .snapshots, .instants')" = $'none\n0\n0' ] || fail "recorded: $(last none .)"
assert_says "$(journal_of igotchuu@none)" '/srv/memory is backed up as it is, without a snapshot (tmpfs)'
[ "$(restic dump latest /srv/memory/file)" = memory ] || fail 'the live file is not in the backup'

systemctl start igotchuu@some
assert_outcome some success
[ "$(last some '[.sources[].method] | join(" ")')" = 'btrfs none' ] || fail "recorded: $(last some .sources)"
said=$(journal_of igotchuu@some)
assert_says "$said" '/srv/d is frozen by btrfs (subvolume '
assert_says "$said" '/srv/memory is backed up as it is, without a snapshot ("live" names it)'
assert_says "$said" 'Backed up as they are, without a snapshot: /srv/d/boot'
for file in /srv/d/file=frozen /srv/d/boot/file=live /srv/memory/file=memory; do
    [ "$(restic dump latest "${file%=*}")" = "${file#*=}" ] || fail "${file%=*} is not in the backup"
done

# unless a key asks for it, no live file is taken for a frozen one
sed -i 's/, "\/srv\/d\/boot"//' /etc/igotchuu/jobs/some.toml
reload
systemctl start igotchuu@some
[ -z "$(restic ls latest /srv/d/boot/file)" ] || fail 'a live file is in the backup unasked'
sed -i 's/^live.*//' /etc/igotchuu/jobs/some.toml
reload
! systemctl start igotchuu@some || fail 'a tmpfs was frozen'
assert_says "$(last some .message)" 'snapshot = "auto" can take no snapshot of /srv/memory (on tmpfs): '
assert_says "$(last some .message)" 'name it in "live"'

assert_host_as_before

echo '- what is to be there as it is, and is not mounted, is missing'
umount /srv/d/boot
# outcome EXIT OUTCOME EXCLUDE
outcome() {
    job some <<<$'sources = ["/srv/d"]\nlive = ["/srv/d/boot", "/boot"]\nexclude = ["'"$3"'"]'
    reload
    next_second
    systemctl start igotchuu@some 2>/dev/null || [ "$1" != 0 ]
    assert_exit igotchuu@some "$1"
    assert_outcome some "$2"
}
outcome 3 partial /srv/d/other
[ "$(last some .message)" = 'nothing is mounted on /srv/d/boot, which "live" names (mount it, take it out of "live", or name it in "exclude" to accept that)' ] ||
    fail "it says: $(last some .message)"
outcome 0 success /srv/d/boot
rmdir /srv/d/boot
outcome 3 partial /srv/d/other
btrfs --quiet subvolume create /srv/d/boot
outcome 0 success /srv/d/other
