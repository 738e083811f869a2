#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --vm --with=borgmatic,borgbackup,snapper -- /src/tests/bench/methods.sh [ROUNDS [runs]]
#
# Each way of freezing, over 1, 8 and 64 volumes (lvm-thin: 1 and 8): milliseconds that igotchuu takes to snapshot, mount and release them, and the time between
# the first snapshot and the last; beside it the same done by hand, with the file system's own commands, and on btrfs snapper's create and
# delete, which mount nothing. Then a whole unchanged run over 1,000 files: restic alone on the live
# tree, igotchuu, and borgmatic with its hook for that file system; with `runs` this alone. In turn, after a round that is not counted; minimum and median.
. /src/tests/system/stage.sh
rounds=${1:-3}
disk=/dev/disk/by-id/virtio-disk1

volumes() { seq --format "/srv/b/%02g" 0 $(($1 - 1)); }
make_btrfs() {
    wipefs --all --quiet "$disk"
    mkfs.btrfs --quiet --force "$disk"
    mkdir -p /mnt/top /srv/b
    mount -o subvolid=5 "$disk" /mnt/top
    mkdir /mnt/top/by-hand
    btrfs --quiet subvolume create /mnt/top/b
    mount -o subvol=b "$disk" /srv/b                                 # borgmatic wants a subvolume wherever something is mounted
    volumes "$1" | xargs --max-args=1 btrfs --quiet subvolume create
}
by_hand_btrfs() {
    local number=0 volume
    for volume in $(volumes "$1"); do
        btrfs --quiet subvolume snapshot -r "$volume" "/mnt/top/by-hand/$number"
        mount -o "ro,subvol=by-hand/$number" "$disk" "$volume"
        number=$((number + 1))
    done
    umount $(volumes "$1")
    btrfs --quiet subvolume delete /mnt/top/by-hand/*
}
by_snapper() {
    local volume number
    for volume in $(volumes "$1"); do
        number=$(snapper --no-dbus --config "${volume##*/}" create --print-number)
        snapper --no-dbus --config "${volume##*/}" delete "$number"
    done
}
configure_snapper() {
    local volume
    for volume in $(volumes "$1"); do snapper --no-dbus --config "${volume##*/}" create-config "$volume"; done
}
unmake_btrfs() {
    if [ -f /etc/default/snapper ]; then
        rm -f /etc/snapper/configs/[0-9]*
        sed --in-place 's/^SNAPPER_CONFIGS=.*/SNAPPER_CONFIGS=""/' /etc/default/snapper
    fi
    umount /srv/b /mnt/top
}

make_zfs() {
    wipefs --all --quiet "$disk"
    zpool create -f -O mountpoint=/srv/b bench "$disk"
    volumes "$1" | sed 's|/srv/b|bench|' | xargs --max-args=1 zfs create
}
by_hand_zfs() {
    local volume
    zfs snapshot -r bench@by-hand
    for volume in $(volumes "$1"); do
        mkdir -p "/mnt/by-hand/$volume"
        mount -t zfs -o ro "bench/${volume##*/}@by-hand" "/mnt/by-hand/$volume"
    done
    umount $(volumes "$1" | sed 's|^|/mnt/by-hand|')
    zfs destroy -r bench@by-hand
}
unmake_zfs() { zpool destroy bench; }

make_lvm-thin() {
    local volume
    wipefs --all --quiet "$disk"
    vgcreate --quiet --yes bench "$disk" >/dev/null
    lvcreate --quiet --yes --size 3G --thin bench/pool >/dev/null
    for volume in $(volumes "$1"); do
        lvcreate --quiet --yes --virtualsize 300M --thin bench/pool --name "${volume##*/}" >/dev/null
        mkfs.ext4 -q "/dev/bench/${volume##*/}"
        mkdir -p "$volume"
        mount "/dev/bench/${volume##*/}" "$volume"
    done
}
by_hand_lvm-thin() {
    local volume name
    for volume in $(volumes "$1"); do
        name=${volume##*/}
        lvcreate --quiet --snapshot "bench/$name" --name "by-hand-$name" >/dev/null
        lvchange --quiet --activate y --ignoreactivationskip "bench/by-hand-$name"
        mkdir -p "/mnt/by-hand/$volume"
        mount -o ro,noload "/dev/bench/by-hand-$name" "/mnt/by-hand/$volume"
    done
    umount $(volumes "$1" | sed 's|^|/mnt/by-hand|')
    lvremove --quiet --yes $(volumes "$1" | sed 's|/srv/b/|bench/by-hand-|') >/dev/null
}
unmake_lvm-thin() { findmnt --noheadings --list --output TARGET | grep ^/srv/b/ | xargs umount; vgremove --quiet --force --force --yes bench >/dev/null; }

of() { sort -n | awk '{all[NR] = $1} END {printf "%.0f / %.0f", all[1], all[int((NR + 1) / 2)]}'; }
milliseconds() { # COMMAND…
    local began=$EPOCHREALTIME ended
    "$@" >"$stage/log" 2>&1 || { cat "$stage/log" >&2; fail "it ends with an error: $*"; }
    ended=$EPOCHREALTIME
    echo "$began $ended" | awk '{print ($2 - $1) * 1000}'
}
cheap() { # NAME
    command restic init --quiet --repo "/var/lib/igotchuu/$1" --password-file <(echo cheap)
    python3 /src/tests/system/cheap-key.py "/var/lib/igotchuu/$1" /var/lib/igotchuu/password
}

(umask 0077 && echo cheap >/var/lib/igotchuu/password)
cheap igotchuu
cheap alone
repository cheap <<<$'location = "/var/lib/igotchuu/igotchuu"\npassword-file = "/var/lib/igotchuu/password"'
modprobe zfs
echo "minimum / median of $rounds rounds, milliseconds"
counts='1 8 64'
[ "${2-}" != runs ] || counts=''
printf '\n| method | volumes | snapshot | mount | release | window | together by hand, with commands | snapper |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'
for method in btrfs zfs lvm-thin; do
    for count in $counts; do
        [ "$method $count" != 'lvm-thin 64' ] || continue
        make_$method $count
        for volume in $(volumes $count); do echo x >"$volume/file"; done # an empty one on another file system than before is refused
        job bench <<EOF
sources = [$(volumes $count | sed 's/.*/"&"/' | paste --serial --delimiters ,)]
repositories = ["cheap"]
snapshot = "$method"
EOF
        reload
        rm -f "$stage"/{snapshot,mount,release,window,by-hand,snapper}
        for ((round = 0; round <= rounds; ++round)); do
            systemctl start igotchuu@bench
            by_hand=$(milliseconds by_hand_$method $count)
            [ $round -gt 0 ] || continue
            for phase in snapshot mount release; do last bench ".phases_usec.$phase / 1000" >>"$stage/$phase"; done
            last bench '.window_usec / 1000' >>"$stage/window"
            echo "$by_hand" >>"$stage/by-hand"
        done
        if [ $method = btrfs ] && command -v snapper >/dev/null; then   # last, since it makes a subvolume in each
            configure_snapper $count
            for ((round = 0; round < rounds; ++round)); do milliseconds by_snapper $count >>"$stage/snapper"; done
        fi
        printf '| %s | %s |%s %s | %s |\n' $method $count "$(for what in snapshot mount release window; do printf ' %s |' "$(of <"$stage/$what")"; done)" \
            "$(of <"$stage/by-hand")" "$([ ! -f "$stage/snapper" ] || of <"$stage/snapper")"
        unmake_$method
    done
done

command -v borgmatic >/dev/null || exit 0                            # the rest compares with it
printf '\n| a whole unchanged run, 1,000 files | restic alone, live | igotchuu | borgmatic |\n| --- | --- | --- | --- |\n'
for method in btrfs zfs lvm-thin; do
    make_$method 1
    for ((file = 0; file < 1000; ++file)); do echo "$file" >"/srv/b/00/$file"; done
    job bench <<EOF
sources = ["/srv/b/00"]
repositories = ["cheap"]
snapshot = "$method"
EOF
    reload
    borg=/var/tmp/borg-$method
    printf 'source_directories: [/srv/b/00]\nrepositories: [{path: %s}]\nencryption_passphrase: secret\n%s:\n' "$borg" "${method%-thin}" >/etc/borgmatic.yaml
    borgmatic --config /etc/borgmatic.yaml repo-create --encryption none >/dev/null
    rm -f "$stage"/{alone,igotchuu,borgmatic}
    for ((round = 0; round <= rounds; ++round)); do
        alone=$(milliseconds restic --quiet --repo /var/lib/igotchuu/alone --password-file /var/lib/igotchuu/password backup /srv/b/00)
        own=$(milliseconds systemctl start igotchuu@bench)
        other=$(milliseconds borgmatic --config /etc/borgmatic.yaml create)
        [ $round -gt 0 ] || continue
        echo "$alone" >>"$stage/alone"
        echo "$own" >>"$stage/igotchuu"
        echo "$other" >>"$stage/borgmatic"
    done
    printf '| %s | %s | %s | %s |\n' $method "$(of <"$stage/alone")" "$(of <"$stage/igotchuu")" "$(of <"$stage/borgmatic")"
    unmake_$method
done
