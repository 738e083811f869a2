#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --vm -- /src/tests/vm/deaths.sh [CUTS]: a job over btrfs, ZFS and thin LVM, while the machine sleeps in mid-run, is rebooted, goes off, and then
# while its power is cut, CUTS times (1), at random instants. At each boot: no lock and, after the next run, nothing is left; that run is a good one, and the
# repository is sound. A first upload that the reboot cuts goes on by itself, from its instant; a job that waited waits again.
. "$(dirname "$0")/../system/stage.sh"
trap - EXIT                                                         # what is made here has to outlive boots
wait_for_phase() { await 180 "phase $2 of $1" phase_is "$1" "$2"; }  # emulated, and several at once

cuts=${1:-1} boot=$IGOTCHUU_BOOT last_boot=$((3 + ${1:-1}))
key=/var/lib/deaths/password
in_repository() { command restic --quiet --no-cache --repo "/var/lib/deaths/$1" --password-file $key "${@:2}"; }
restic() { in_repository repository "$@"; }
. "$(dirname "$0")/disks.sh"
left() {
    btrfs subvolume list /srv/btrfs | awk '{print $NF}' | sort
    find /srv/btrfs/.igotchuu -mindepth 1 2>/dev/null || true
    zfs list -Hp -t snapshot -o name
    lvs --noheadings --options lv_name vg | sort
    host | sed -E 's/,(size|nr_inodes)=[0-9]+k?//g'                    # of a tmpfs: by the memory, which differs a little from boot to boot
}

modprobe zfs
mkdir -p /srv/btrfs /srv/lvm
if [ "$boot" = 1 ]; then
    mkfs.btrfs --quiet --force "$(disk 1)"
    zpool create -f -O mountpoint=/srv/zfs tank "$(disk 2)"
    vgcreate --quiet --yes vg "$(disk 3)"
    lvcreate --quiet --yes --size 3G --thin vg/pool
    lvcreate --quiet --yes --virtualsize 1G --thin vg/pool --name data
    mkfs.ext4 -q /dev/vg/data
else
    zpool list tank >/dev/null 2>&1 || zpool import -f -d /dev/disk/by-id tank
    vgchange --quiet --activate y vg
fi
mount "$(disk 1)" /srv/btrfs
mount /dev/vg/data /srv/lvm
if [ "$boot" = 1 ]; then
    for source in btrfs zfs lvm; do cp -r /usr/share/perl "/srv/$source/files"; done
    mkdir /var/lib/deaths
    (umask 0077 && echo cheap >$key)
    for name in repository first; do
        in_repository $name init
        python3 "$(dirname "$0")/../system/cheap-key.py" /var/lib/deaths/$name $key
        repository $name <<<"location = \"/var/lib/deaths/$name\"
password-file = \"$key\""
    done
    job later <<<$'sources = ["/srv/btrfs"]\nrepositories = ["repository"]\nwait = {mounted = ["/mnt/drawer"]}'
    job first <<<$'sources = ["/srv/btrfs", "/srv/zfs", "/srv/lvm"]\nsnapshot = "lvm-thin"\nrepositories = ["first"]\nrestic-args = ["--limit-upload", "400"]'
    job deaths <<<$'sources = ["/srv/btrfs", "/srv/zfs", "/srv/lvm"]\nsnapshot = "lvm-thin"\nrepositories = ["repository"]\nrestic-args = ["--limit-upload", "400"]'
    reload
    systemctl start igotchuu@deaths
    [ "$(last deaths '[.sources[].method] | join(" ")')" = 'btrfs zfs lvm-thin' ] || fail "recorded: $(last deaths .sources)"
    left >/var/lib/deaths/left
fi

if [ "$boot" -gt 1 ]; then
    await 60 'what runs at boot' eval '! systemctl is-system-running | grep --quiet starting'
    if [ "$boot" = 2 ]; then
        [ "$(jq --raw-output '.history[-1].outcome' /var/lib/igotchuu/jobs/first.json)" = stopped ] || fail "the first upload was $(last first .)"
        await 300 'the first upload to go on by itself' eval '[ "$(last first .outcome)" = success ]'
        [ "$(last first .kept_run)" = "$(jq --raw-output '.history[-1].invocation_id' /var/lib/igotchuu/jobs/first.json)" ] ||
            fail "it did not go on from its instant: $(last first .)"
        wait_for_state igotchuu-send@first inactive
        [ "$(jq '.history | length' /var/lib/igotchuu/jobs/first.json)" = 2 ] || fail 'a try before its file systems were mounted was a failure'
        in_repository first restore latest --target /var/lib/deaths/restored
        for source in btrfs zfs lvm; do
            diff --recursive "/srv/$source/files" "/var/lib/deaths/restored/srv/$source/files" || fail "the first upload is not what is in /srv/$source"
            [ ! -e "/var/lib/deaths/restored/srv/$source/more" ] || fail 'it is another instant'
        done
        rm -r /var/lib/deaths/restored
        echo 'a first upload over a reboot: as it should be'
        await 60 'the job that waited to wait again' state_is igotchuu@later activating
        systemctl stop igotchuu@later
        echo 'what waited waits again'
    fi
    if [ "$boot" -le 3 ]; then
        assert_outcome deaths stopped
        diff /var/lib/deaths/left <(left) >&2 || fail 'a shutdown in mid-run left something'
        [ -z "$(restic list locks)" ] || fail 'a shutdown in mid-run left a lock'
        restic forget --keep-last 5 --prune
    fi
    rm -f /srv/*/more
    systemctl start igotchuu@deaths || fail "the run after boot $boot: $(last deaths .message)"
    assert_outcome deaths success
    diff /var/lib/deaths/left <(left) >&2 || fail "something is left after boot $boot and a run"
    for source in btrfs zfs lvm; do
        restic restore "latest:/srv/$source/files" --target /var/lib/deaths/restored
        diff --recursive "/srv/$source/files" /var/lib/deaths/restored || fail "restored is not what is in /srv/$source"
        rm -r /var/lib/deaths/restored
    done
    echo "boot $boot: as it should be"
fi
if [ "$boot" = "$last_boot" ]; then
    restic unlock --remove-all                                      # of runs whose power was cut; backups do not mind it
    restic check --read-data
    umount /srv/btrfs
    btrfs check "$(disk 1)" >/dev/null 2>&1 || fail 'the btrfs is damaged'
    exit
fi

# something new, so that the throttled upload takes a while
start_one_that_takes_long() {
    local source
    for source in btrfs zfs lvm; do head --bytes 1M /dev/urandom >"/srv/$source/more"; done
    sync
    systemctl start --no-block igotchuu@deaths
}
case $boot in
1)
    start_one_that_takes_long
    wait_for_phase deaths restic
    systemd-inhibit --list --no-legend | grep 'igotchuu.* sleep:' >&2 || fail 'whoever wants to sleep is not told that a backup runs'
    rtcwake --mode mem --seconds 30 >/dev/null                       # by itself, as when a battery runs low: no inhibitor holds that up
    phase_is deaths restic || fail 'the run did not go on after a sleep'
    wait_for_state igotchuu@deaths inactive
    assert_outcome deaths success
    diff /var/lib/deaths/left <(left) >&2 || fail 'a run over a sleep left something'
    echo 'a sleep in mid-run: as it should be'
    rm /srv/*/more
    systemctl start --no-block igotchuu@later
    await 60 'the job to wait' eval '[ "$(last later .outcome 2>/dev/null)" = not-now ]'
    systemctl start --no-block igotchuu@first
    wait_for_phase first restic
    start_one_that_takes_long
    wait_for_phase deaths restic
    systemctl reboot ;;
2)
    start_one_that_takes_long
    wait_for_phase deaths restic
    systemctl poweroff ;;
*)
    start_one_that_takes_long
    sleep "$((RANDOM % 8)).$((RANDOM % 10))"                        # at any instant of the run
    echo b >/proc/sysrq-trigger ;;
esac
sleep infinity
