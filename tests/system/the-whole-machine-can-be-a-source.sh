#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A machine whose / is a btrfs: source "/". /etc/hostname is restored from /etc/hostname; /proc, /sys, /run, /dev are empty directories in it, our
# default_restic snapshots, repository and cache are not in it; a nested subvolume is; owners have names; a second file system, a source of its own, is at its place.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 600
new_btrfs /mnt/data 300
mkdir -p /mnt/root
btrfs --quiet subvolume create /mnt/top/@
# What a run needs, and no more: a whole Debian would be half a minute of restic.
root=/mnt/top/@
mkdir -p "$root"/{usr/lib/modules,etc,run/systemd,dev,proc,sys,tmp,mnt,put-old,src,srv/data,usr/libexec,var/tmp,var/lib,var/cache}
ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root"
cp --dereference /etc/passwd /etc/group /etc/os-release "$root/etc"
mkdir -p "$root"/usr/{bin,sbin,lib64}
mapfile -t programs < <(type -P bash mount umount rmdir restic setpriv chroot && echo /usr/libexec/igotchuu-exec)
mapfile -t libraries < <(ldd "${programs[@]}" | grep --only-matching '/[^ ]*\.so[^ ]*' | sort --unique)
mkdir -p "$root"/var/{lib,cache}/igotchuu /var/cache/igotchuu
cp --dereference --parents "${programs[@]}" "${libraries[@]}" "$root"
btrfs --quiet subvolume create /mnt/top/@/var/lib/machines
printf 'nested\n' >/mnt/top/@/var/lib/machines/file
printf 'the data\n' >/mnt/data/file
printf 'root\n' >/mnt/top/@/etc/hostname
install -d -o 1000 -g 1000 -m 0700 /mnt/top/@/srv/alice
grep --quiet '^www-data:' /mnt/top/@/etc/passwd || fail 'there is no www-data'
install -o www-data -g www-data /dev/stdin /mnt/top/@/srv/owned <<<x

# in_root COMMAND…: in a mount namespace whose / is that subvolume.
in_root() {
    unshare --mount --propagation slave bash -euo pipefail -c '
        root=/mnt/root
        mount -o subvol=@ "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)" "$root"
        mount --bind /mnt/data "$root/srv/data"
        [ ! -e /mnt/top/usr ] || mount --bind /mnt/top/usr "$root/usr"
        for directory in dev proc sys run var/lib/igotchuu var/cache/igotchuu; do mount --rbind "/$directory" "$root/$directory"; done
        cd "$root"
        mkdir -p put-old && pivot_root . put-old
        umount --lazy /put-old && rmdir /put-old
        exec "$@"' in_root "$@"
}

# Once by hand, and then as the unit with all of its sandbox, for which that subvolume is "/", too.
job all <<<$'sources = ["/", "/srv/data"]\nprove = "full"\nprove-every-days = 0'
cp -r /etc/igotchuu /mnt/top/@/etc/igotchuu
new_mount() { mkdir -p "$2" && mount -o "subvol=$1" "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)" "$2"; }
new_mount @ /srv/root
mount --bind /mnt/data /srv/root/srv/data
mkdir -p /run/systemd/system/igotchuu@all.service.d
printf '[Service]\nRootDirectory=/srv/root\nBindPaths=/run/igotchuu\n' >/run/systemd/system/igotchuu@all.service.d/root.conf
reload
remember_host
in_root /usr/libexec/igotchuu-exec backup all
systemctl start --no-block igotchuu@all
await 30 'restic to run' phase_is all restic
systemctl kill --kill-whom=main --signal=KILL igotchuu@all
wait_for_state igotchuu@all failed
assert_host_as_before
systemctl start igotchuu@all
assert_host_as_before
! journal_of igotchuu@all | grep /usr/lib/modules || fail 'what the sandbox hides from the unit is said to be missing'

record=/var/lib/igotchuu/jobs/all.json
[ "$(jq --raw-output '.history[].outcome' "$record")" = $'success\nkilled\nsuccess' ] || fail "not a success: $(jq '.history[0]' "$record")"
[ "$(jq --raw-output '[.history[0, 2].repositories[0].proof.finding] | join(" ")' "$record")" = 'proven proven' ] ||
    fail "by the unit and by hand: $(jq --compact-output '[.history[].repositories[0].proof]' "$record")"
[ "$(default_restic snapshots --latest 1 --json | jq --raw-output '.[].paths | join(" ")')" = '/ /srv/data' ] || fail "the paths are $(default_restic snapshots --json)"
[ "$(default_restic dump latest /etc/hostname)" = root ] || fail '/etc/hostname is another'
[ "$(default_restic dump latest /var/lib/machines/file)" = nested ] || fail 'the nested subvolume is not in it'
[ "$(default_restic dump latest /srv/data/file)" = 'the data' ] || fail 'the second file system is not at its place'
default_restic ls latest --json >"$stage/list"
for directory in /proc /sys /run /dev; do
    jq --exit-status --slurp --arg d "$directory" 'any(.[]; .path == $d)' "$stage/list" >/dev/null || fail "$directory is not there to be mounted on"
done
! jq --raw-output '.path // empty' "$stage/list" | grep --extended-regexp '^/(proc|sys|run|dev)/|^/\.igotchuu|^/var/(lib|cache)/igotchuu/' || fail 'what is live is in it'
[ "$(jq --raw-output 'select(.path == "/srv/owned") | .uid' "$stage/list")" = "$(id --user www-data)" ] || fail 'the owner is another'
id=$(default_restic snapshots --latest 1 --json | jq --raw-output '.[].id')
default_restic cat tree "$id:/srv" | jq --exit-status '.nodes[] | select(.name == "owned").user == "www-data"' >/dev/null || fail 'the owner has no name'

# A /usr of its own, as on a machine whose / is a tmpfs: restic comes from there, and can write there as little as anywhere.
mkdir /mnt/top/usr
mv "$root"/usr/* /mnt/top/usr
job apart <<<$'sources = ["/"]\nexclude = ["/usr", "/srv/data"]'
cp /etc/igotchuu/jobs/apart.toml "$root/etc/igotchuu/jobs"
in_root /usr/libexec/igotchuu-exec backup apart
assert_outcome apart success
[ "$(default_restic dump latest /etc/hostname)" = root ] || fail 'with a /usr of its own /etc/hostname is another'
[ -z "$(default_restic ls latest --json | jq --raw-output '.path // empty | select(startswith("/usr/"))')" ] || fail 'the live /usr is in the backup'
