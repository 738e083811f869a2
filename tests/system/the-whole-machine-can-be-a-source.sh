#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A machine whose / is a btrfs: source "/". /etc/hostname is restored from /etc/hostname; /proc, /sys, /run, /dev are empty directories in it, our
# own snapshots, repository and cache are not in it; a nested subvolume is; owners have names; a second file system, a source of its own, is at its place.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 4000
new_btrfs /mnt/data 300
btrfs --quiet subvolume create /mnt/top/@
echo "filling"
tar --create --one-file-system --directory / --exclude ./var/tmp/stage --exclude ./var/cache/apt --exclude ./mnt --exclude ./src --exclude ./build \
    --exclude ./usr/lib/llvm-19 --exclude ./usr/lib/gcc --exclude ./usr/share/doc . | tar --extract --directory /mnt/top/@
mkdir -p /mnt/top/@/srv/data /mnt/top/@/src /mnt/top/@/mnt
btrfs --quiet subvolume create /mnt/top/@/var/lib/machines 2>/dev/null || { rmdir /mnt/top/@/var/lib/machines; btrfs --quiet subvolume create /mnt/top/@/var/lib/machines; }
printf 'nested\n' >/mnt/top/@/var/lib/machines/file
printf 'the data\n' >/mnt/data/file
printf 'root\n' >/mnt/top/@/etc/hostname
install -d -o 1000 -g 1000 -m 0700 /mnt/top/@/srv/alice
grep --quiet '^www-data:' /mnt/top/@/etc/passwd || fail 'there is no www-data'
install -o www-data -g www-data /dev/stdin /mnt/top/@/srv/owned <<<x
cp /usr/libexec/igotchuu-exec /mnt/top/@/usr/libexec/igotchuu-exec

# in_root COMMAND…: in a mount namespace whose / is that subvolume.
in_root() {
    unshare --mount --propagation slave bash -euo pipefail -c '
        root=$(mktemp --directory /run/root.XXXX)
        mount -o subvol=@ "$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)" "$root"
        mount --bind /mnt/data "$root/srv/data"
        for directory in dev proc sys run; do mount --rbind "/$directory" "$root/$directory"; done
        cd "$root"
        mkdir -p put-old && pivot_root . put-old
        umount --lazy /put-old && rmdir /put-old
        exec "$@"' in_root "$@"
}
own() { in_root restic --quiet --repo /var/lib/igotchuu/repository --password-file /var/lib/igotchuu/repository.key --no-cache "$@"; }

mkdir -p /mnt/top/@/etc/igotchuu/jobs
printf 'sources = ["/", "/srv/data"]\n' >/mnt/top/@/etc/igotchuu/jobs/all.toml
btrfs subvolume list /mnt/top | awk '{print $NF}' | sort >"$stage/before"
in_root /usr/libexec/igotchuu-exec backup all
in_root /usr/libexec/igotchuu-exec backup all
btrfs subvolume list /mnt/top | awk '{print $NF}' | sort | diff "$stage/before" - || fail 'a snapshot was left'

record=/mnt/top/@/var/lib/igotchuu/jobs/all.json
[ "$(jq --raw-output '.history[].outcome' "$record")" = $'success\nsuccess' ] || fail "not a success: $(jq '.history[0]' "$record")"
[ "$(own snapshots --latest 1 --json | jq --raw-output '.[].paths | join(" ")')" = '/ /srv/data' ] || fail "the paths are $(own snapshots --json)"
[ "$(own dump latest /etc/hostname)" = root ] || fail '/etc/hostname is another'
[ "$(own dump latest /var/lib/machines/file)" = nested ] || fail 'the nested subvolume is not in it'
[ "$(own dump latest /srv/data/file)" = 'the data' ] || fail 'the second file system is not at its place'
own ls latest --json >"$stage/list"
for directory in /proc /sys /run /dev; do
    jq --exit-status --slurp --arg d "$directory" 'any(.[]; .path == $d)' "$stage/list" >/dev/null || fail "$directory is not there to be mounted on"
done
! jq --raw-output '.path // empty' "$stage/list" | grep --extended-regexp '^/(proc|sys|run|dev)/|^/\.igotchuu|^/var/(lib|cache)/igotchuu/' || fail 'what is live is in it'
[ "$(own ls latest /srv/owned --json | jq --raw-output 'select(.path == "/srv/owned").user // empty' ; own dump latest /srv/owned)" ] || fail 'no owner'
