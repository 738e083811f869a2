#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --vm --root=KIND -- /src/tests/vm/root.sh: the whole machine as a source, whatever / lies on. Paths are as they are; what the kernel
# shows, the snapshots and the repository are not in it; what is mounted below is, at its place, or it is named. Killed once in between.
. "$(dirname "$0")/../system/stage.sh"

kind=$(findmnt --noheadings --output FSTYPE /)
outside='exclude = ["/usr", "/boot", "/src", "/build"]'
case $kind in
btrfs) lines='sources = ["/", "/home"]' ;;
tmpfs) lines=$'sources = ["/", "/home", "/persist"]\nlive = ["/"]' ;;
zfs) lines='sources = ["/"]' ;;                                     # with the datasets that are mounted below
ext4 | xfs) lines=$'sources = ["/"]\nsnapshot = "lvm-thin"' ;;
*) fail "/ lies on $kind" ;;
esac

everything() {
    host
    case $kind in
    btrfs | tmpfs)
        mount -o subvolid=5 /dev/disk/by-id/virtio-root /mnt
        btrfs subvolume list /mnt | awk '{print $NF}' | sort
        find /mnt/.igotchuu -mindepth 1 2>/dev/null || true
        umount /mnt ;;
    zfs) zfs list -Hp -t snapshot -o name ;;
    ext4 | xfs) lvs --noheadings --options lv_name,lv_active system | sort ;;
    esac
}
mkdir -p /home/alice /persist /srv/some
echo 'of alice' >/home/alice/letter
echo kept >/persist/file
echo some >/srv/some/file
[ "$kind" != btrfs ] || { rm -rf /var/lib/machines && btrfs --quiet subvolume create /var/lib/machines; }
mkdir -p /var/lib/machines
echo nested >/var/lib/machines/file
(umask 0077 && echo cheap >/var/lib/igotchuu/cheap.password)
restic init --quiet --repo /var/lib/igotchuu/cheap --password-file /var/lib/igotchuu/cheap.password
python3 "$(dirname "$0")/../system/cheap-key.py" /var/lib/igotchuu/cheap /var/lib/igotchuu/cheap.password
repository cheap <<<$'location = "/var/lib/igotchuu/cheap"\npassword-file = "/var/lib/igotchuu/cheap.password"'
restic() { command restic --quiet --no-cache --repo /var/lib/igotchuu/cheap --password-file /var/lib/igotchuu/cheap.password "$@"; }
job all <<<"repositories = [\"cheap\"]
$outside
$lines"
reload
everything >"$stage/before"
assert_as_before() { diff "$stage/before" <(everything) >&2 || fail "after $1 the machine is not as it was"; }

systemctl start igotchuu@all || fail "the first run: $(last all .message)"
assert_outcome all success
assert_as_before 'a run'
systemctl start --no-block igotchuu@all
wait_for_phase all restic
systemctl kill --kill-whom=main --signal=KILL igotchuu@all
wait_for_state igotchuu@all failed
assert_as_before 'a SIGKILL'
echo changed >/srv/some/file
systemctl start igotchuu@all || fail "the run after a SIGKILL: $(last all .message)"
assert_outcome all success
assert_as_before 'the run after it'

restic ls latest --json >"$stage/list"
for file in /etc/hostname /home/alice/letter /persist/file /srv/some/file /var/lib/machines/file; do
    [ "$(restic dump latest "$file")" = "$(cat "$file")" ] || fail "$file is not in the backup as it is"
done
! jq --raw-output '.path // empty' "$stage/list" | grep --extended-regexp '^/(proc|sys|run|dev|usr|boot|src|build)/|/\.igotchuu|^/var/(lib|cache)/igotchuu/' |
    sed --quiet '1,5p;$q1' || fail 'what is live is in the backup'
expected=$(sed --quiet 's/^sources = \[\(.*\)\]$/\1/p' <<<"$lines" | tr --delete '",')
[ "$(restic snapshots --latest 1 --json | jq --raw-output '.[].paths | join(" ")')" = "$expected" ] || fail "the paths are not $expected"

# what is mounted below and is in nobody's list is named, and the backup is partial
sed -i 's/"\/boot", //' /etc/igotchuu/jobs/all.toml
reload
! systemctl start igotchuu@all || fail 'a success without /boot'
assert_outcome all partial
assert_says "$(last all .message)" 'another file system is mounted on /boot'
assert_as_before 'the last run'
restic check
echo "$kind: the whole machine is in the backup"
