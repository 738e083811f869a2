#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# zfs: what is really mounted below a source is backed up as it was at one instant, what is not is named, and nothing of ours stays on a pool. In
# the qemu machine: tools/machine run --vm -- bash /src/tests/vm/zfs.sh [PROMISE…]
. "$(dirname "$0")/../system/stage.sh"
test_directory=$(dirname "$(realpath "$0")")
. "$test_directory/disks.sh"
modprobe zfs
fresh_disks

# What zfs made of a disk, where it has been used: to partition it anew races with udev (cannot create 'tank': no such pool or dataset).
part() { [ ! -b "$(disk "$1")-part1" ] && disk "$1" || echo "$(disk "$1")-part1"; }
new_pool() { zpool create -f -O mountpoint=none "$@"; }
no_pool() { zpool destroy -f "$1"; }
snapshots() { zfs list -H -t snapshot -o name -s name; }

eval "stage_$(declare -f host)"
host() {
    stage_host
    snapshots
}

undo() {
    umount --quiet /usr/sbin/zfs
    umount --quiet --recursive /srv/z /srv/a /srv/o /srv/m /mnt/second /mnt/bound
    zpool list -H -o name | grep --invert-match shaky | xargs --no-run-if-empty --max-args=1 zpool destroy -f # one that is suspended answers nobody
    rm -rf /srv/z /srv/a /srv/o /srv/m /srv/s
}

# A repository whose key costs nothing, for every job here.
rm -rf /srv/backup
mkdir -p /srv/backup /etc/igotchuu
echo key >/etc/igotchuu/key
chmod 0600 /etc/igotchuu/key
restic() { command restic --repo /srv/backup --password-file /etc/igotchuu/key --no-cache --quiet "$@"; }
restic init
"$test_directory/../system/cheap-key.py" /srv/backup /etc/igotchuu/key
repository cheap <<<$'location = "/srv/backup"\npassword-file = "/etc/igotchuu/key"'
# zfs_job NAME SOURCE… [-- LINE…]
zfs_job() {
    local name=$1 sources=''
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        sources+="\"$1\", "
        shift
    done
    shift || true
    { printf 'sources = [%s]\nrepositories = ["cheap"]\n' "${sources%, }" && printf '%s\n' "$@"; } | job "$name"
    reload
}
start() { systemctl start "igotchuu@$1"; }
must_fail() { ! start "$1" || fail "$1 succeeded"; }
says() { assert_says "$(last "$1" .message)" "$2"; }

# hold_restic JOB: the run has its snapshots, and restic stands still. let_go: it goes on.
restic_runs() { [ -n "$(pgrep --exact restic)" ]; }
hold_restic() {
    systemctl start --no-block "igotchuu@$1"
    await 120 "phase restic of $1" phase_is "$1" restic
    await 30 'restic' restic_runs
    held=$(pgrep --exact restic)
    kill -STOP $held
}
let_go() { kill -CONT $held 2>/dev/null || true; } # one that was told to end was woken for it
settled() { [[ $(systemctl show --property ActiveState --value "igotchuu@$1") = @(inactive|failed) ]]; }
await_end() { await 120 "the end of $1" settled "$1"; }
ours() { snapshots | grep --only-matching '^.*@igotchuu-[0-9a-f]\{32\}$'; }
restored() {
    rm -rf "$stage/restored"
    restic restore latest --target "$stage/restored"
}

hello() {
    new_pool tank "$(part 1)"
    zfs create -o mountpoint=/srv/z 'tank/Hello World'
    zfs create -o canmount=off 'tank/Hello World/off'
    zfs create 'tank/Hello World/off/x'
    zfs create -o mountpoint=legacy 'tank/Hello World/leg'
    mkdir /srv/z/leg
    mount -t zfs 'tank/Hello World/leg' /srv/z/leg
    zfs create -o canmount=noauto 'tank/Hello World/no'
    zfs mount 'tank/Hello World/no'
    zfs create -o mountpoint=/elsewhere 'tank/Hello World/away'
    echo password >"$stage/password"
    zfs create -o encryption=on -o keyformat=passphrase -o "keylocation=file://$stage/password" 'tank/Hello World/enc'
    zfs create 'tank/Hello World/enc/within'
    local directory
    for directory in /srv/z /srv/z/off/x /srv/z/leg /srv/z/no /srv/z/enc /elsewhere; do
        echo "$directory" >"$directory/file"
        mkdir "$directory/inner"
    done
    echo old >/srv/z/deleted
    zfs unmount 'tank/Hello World/enc/within'
    zfs unmount 'tank/Hello World/enc'
    zfs unload-key 'tank/Hello World/enc'
}

# Z1, and the instant: what changes while restic works is not in the backup.
what-is-mounted-below-a-source-is-in-at-its-place-and-what-is-not-is-named() {
    hello
    zfs_job z /srv/z
    mkdir "$stage/expected"
    cp -a /srv/z/. "$stage/expected"
    remember_host
    hold_restic z
    [ "$(ours | wc -l)" = 4 ] || fail "snapshots: $(ours)"
    [ -e "/proc/$held/root/dev/null" ] && [ ! -e "/proc/$held/root/dev/zfs" ] || fail 'restic reaches zfs'
    zfs list -Hp -t snapshot -o createtxg -r tank | sort -u >"$stage/transactions"
    [ "$(wc -l <"$stage/transactions")" = 1 ] || fail 'the snapshots are of several transactions'
    ls /srv/z/.zfs/snapshot >/dev/null
    for file in /srv/z/file /srv/z/off/x/file /srv/z/leg/file /srv/z/no/file; do echo later >"$file"; done
    rm /srv/z/deleted
    mkdir /srv/z/later
    let_go
    await_end z
    assert_outcome z partial
    says z "the dataset tank/Hello World/enc belongs on /srv/z/enc and is not mounted, since its key is not loaded: it is not in the backup"
    ! grep --quiet within <<<"$(last z .message)" || fail 'what comes with it is named, too'
    assert_host_as_before
    [ "$(last z '.instants, .snapshots, .sources[0].method' | paste --serial --delimiters ' ')" = '1 4 zfs' ] || fail "recorded: $(last z .)"
    assert_says "$(journal_of igotchuu@z)" '/srv/z is frozen by zfs (dataset tank/Hello World)'
    restored
    assert_same "$stage/expected" "$stage/restored/srv/z"
    [ ! -e "$stage/restored/elsewhere" ] || fail 'a child that is mounted elsewhere is in the backup'

    zfs_job z /srv/z -- 'exclude = ["/srv/z/enc"]'
    start z
    assert_outcome z success
    # a directory in a dataset; a dataset that is seen at two places; a bind mount
    mkdir -p /mnt/second /mnt/bound
    mount -t zfs 'tank/Hello World/leg' /mnt/second
    mount --bind /srv/z/off/x/inner /mnt/bound
    echo bound >/mnt/bound/file
    zfs_job places /srv/z/no/inner /mnt/second /mnt/bound
    start places
    assert_outcome places success
    [ "$(restic dump latest /mnt/second/file) $(restic dump latest /mnt/bound/file)" = 'later bound' ] || fail 'a second place is not backed up'
    # what others mount on a dataset is named, though that lies below the source itself
    mount -t tmpfs tmpfs /srv/z/no/inner
    mkdir /srv/z/off/x/disk
    new_btrfs /srv/z/off/x/disk 120
    start z || true
    assert_outcome z partial
    says z 'another file system is mounted on /srv/z/off/x/disk'
    umount /srv/z/off/x/disk /srv/z/no/inner
    # who looks into an old snapshot changes nothing
    zfs snapshot 'tank/Hello World@old'
    ls /srv/z/.zfs/snapshot/old/file >/dev/null
    grep --quiet '/\.zfs/snapshot/old' /proc/self/mountinfo || fail 'the look mounted nothing: this tests nothing'
    start z
    assert_outcome z success
    umount /mnt/second /mnt/bound
    no_pool tank
}

a-tank() { # /srv/a
    new_pool tank "$(part 1)"
    zfs create -o mountpoint=/srv/a tank/a
    zfs create tank/a/b
    echo a >/srv/a/file
    echo b >/srv/a/b/file
    zfs_job a /srv/a
}

# Z3
what-others-have-on-the-pool-stays-as-it-is() {
    local number
    a-tank
    zpool set listsnapshots=on tank
    zfs create -V 16M tank/a/volume
    for number in 0 1 2 3 4 5 6 7 8 9; do zfs snapshot "tank/a@older-$number"; done
    zfs snapshot tank/a@igotchuu-mine
    zfs set com.nyantec.igotchuu:run=a:0123456789abcdef0123456789abcdef tank/a     # its snapshots inherit it
    zfs snapshot tank/a@igotchuu-0123456789abcdef0123456789abcdef
    remember_host
    start a
    assert_outcome a success
    assert_host_as_before
    assert_says "$(journal_of igotchuu@a)" 'the snapshot tank/a@igotchuu-mine is not of igotchuu: left as it is'
    assert_says "$(journal_of igotchuu@a)" 'the snapshot tank/a@igotchuu-0123456789abcdef0123456789abcdef is not of igotchuu'
    # a snapshot of the very name of this run's, that came from elsewhere, below what our datasets have in common
    hold_restic a
    zfs create tank/a/volumes
    zfs snapshot "tank/a/volumes@$(ours | head -n 1 | cut -d@ -f2)"
    snapshots | grep '^tank/a/volumes@' >"$stage/foreign"
    let_go
    await_end a
    assert_outcome a success
    [ "$(snapshots | grep '^tank/a/volumes@')" = "$(cat "$stage/foreign")" ] || fail 'a snapshot of somebody else is gone'
    zfs destroy -r tank/a/volumes
    assert_host_as_before
    no_pool tank
}

# Z2
a-snapshot-that-somebody-holds-is-no-plain-success-and-goes-with-the-next-run() {
    local kept
    a-tank
    remember_host
    hold_restic a
    kept=$(ours | grep '^tank/a@')
    zfs hold keep "$kept"
    let_go
    await_end a
    assert_outcome a failed
    says a "the snapshot $kept stays: "
    says a "zfs holds '$kept' shows who"
    [ "$(snapshots)" = "$kept" ] || fail "what stays: $(snapshots)"
    restic snapshots --json | jq --exit-status 'length > 0' >/dev/null || fail 'the data is not safe'
    start a     # as long as it is held
    assert_outcome a success
    assert_says "$(journal_of igotchuu@a)" "the snapshot $kept stays: "
    zfs release keep "$kept"
    start a
    assert_outcome a success
    assert_says "$(journal_of igotchuu@a)" 'left'
    assert_host_as_before
    no_pool tank
}

a-run-that-is-killed-leaves-nothing-that-the-next-one-does-not-tidy() {
    a-tank
    remember_host
    for phase in snapshot restic; do
        systemctl start --no-block igotchuu@a
        await 120 "phase $phase of a" phase_is a $phase
        systemctl kill --kill-whom=main --signal=KILL igotchuu@a
        wait_for_state igotchuu@a failed
        assert_outcome a killed
        assert_host_as_before
    done
    systemctl reset-failed igotchuu@a
    hold_restic a
    systemctl stop --no-block igotchuu@a
    let_go
    await_end a
    assert_outcome a stopped
    assert_host_as_before
    systemctl reset-failed igotchuu@a
    # by hand, with nobody to reap
    /usr/libexec/igotchuu-exec backup a 2>/dev/null &
    await 120 'phase restic of a' phase_is a restic
    kill -KILL $!
    wait $! || true
    await 10 'restic to die with its parent' eval '! restic_runs'
    [ "$(ours | wc -l)" = 2 ] || fail 'nothing was left: this tests nothing'
    restic unlock
    start a
    assert_outcome a success
    assert_host_as_before
    no_pool tank
}

a-job-over-btrfs-and-two-pools-says-how-far-apart-they-are() {
    a-tank
    new_pool other "$(part 2)"
    zfs create -o mountpoint=/srv/o other/o
    echo o >/srv/o/file
    new_btrfs /mnt/top 300
    new_source /mnt/top d /srv/d
    echo d >/srv/d/file
    zfs_job several /srv/a /srv/d /srv/o
    remember_host
    start several
    assert_outcome several success
    [ "$(last several '.instants, .snapshots, ([.sources[].method] | join(" "))' | paste --serial --delimiters ' ')" = '3 4 zfs btrfs zfs' ] ||
        fail "recorded: $(last several .)"
    assert_says "$(journal_of igotchuu@several)" 'The snapshots were taken at 3 instants within '
    assert_says "$(journal_of igotchuu@several)" 'they are of 3 file systems'
    restored
    for file in a/file a/b/file d/file o/file; do
        [ "$(cat "$stage/restored/srv/$file")" = "$(basename "$(dirname "$file")")" ] || fail "$file is not in the backup"
    done
    assert_host_as_before
    umount /srv/d /mnt/top
    no_pool other
    no_pool tank
}

a-pool-that-cannot-serve-is-one-clear-error-and-nothing-is-left() {
    a-tank
    start a
    remember_host
    # degraded, or a dataset that is read-only: a backup as any other
    zpool attach -f tank "$(part 1)" "$(part 2)"
    zpool offline tank "$(part 2)"
    zfs set readonly=on tank/a
    start a
    assert_outcome a success
    zfs inherit readonly tank/a
    zpool online tank "$(part 2)"
    zpool wait -t resilver tank
    zpool detach tank "$(part 2)"
    # full: what may be used of it is used up while restic reads
    zfs set quota=200M tank/a
    hold_restic a
    dd if=/dev/urandom of=/srv/a/fills bs=1M status=none 2>/dev/null || true
    sync --file-system /srv/a
    let_go
    await_end a
    assert_outcome a failed
    says a 'the dataset tank/a is running out of space, and the snapshot holds what is deleted in it: see zfs list -o space'
    assert_host_as_before
    rm /srv/a/fills
    sync --file-system /srv/a
    zfs set quota=none tank/a
    # read-only
    zpool export tank
    must_fail a
    says a 'is empty, and not on the file system that it was on at its last backup (zfs tank/a): is its disk mounted?'
    zpool import -o readonly=on tank
    must_fail a
    says a 'cannot snapshot /srv/a: '
    says a '(zpool export it, and import it without readonly=on)'
    zpool export tank
    zpool import tank
    start a
    assert_outcome a success
    assert_host_as_before
    no_pool tank
}

a-shaky-pool() { # /srv/s, on the device "fragile"
    local sectors
    modprobe dm_mod
    sectors=$(blockdev --getsz "$(disk 3)")
    dmsetup create fragile --table "0 $sectors linear $(disk 3) 0"
    new_pool shaky /dev/mapper/fragile
    zfs create -o mountpoint=/srv/s shaky/s
    echo s >/srv/s/file
    sync --file-system /srv/s
    zfs_job s /srv/s
    start s
}

a-stop-while-the-pool-is-slow-waits-for-the-snapshot-and-leaves-none() {
    a-shaky-pool
    dmsetup suspend --noflush fragile
    systemctl start --no-block igotchuu@s
    await 120 'zfs snapshot to wait in the kernel' pgrep --runstates D --full '^/[a-z/]*/zfs snapshot'
    systemctl stop --no-block igotchuu@s
    # it is killed after ten seconds; who gave it up ten seconds later, as other programs are, would then look for a snapshot that there is not yet
    ! timeout 40 bash -c 'until pgrep --full "^/[a-z/]*/zfs list"; do sleep 0.1; done' || fail 'the run did not wait'
    dmsetup resume fragile
    await_end s
    [ -z "$(snapshots)" ] || fail "left: $(snapshots)"
    systemctl reset-failed igotchuu@s
    no_pool shaky
    dmsetup remove fragile
}

a-pool-whose-disk-is-gone-is-not-waited-for() {
    local sectors
    a-shaky-pool
    sectors=$(blockdev --getsz "$(disk 3)")
    dmsetup suspend --noflush fragile
    dmsetup load fragile --table "0 $sectors error"
    dmsetup resume fragile
    echo lost >/srv/s/lost
    (sync --file-system /srv/s &) 2>/dev/null
    await 60 'the pool to be suspended' grep --quiet SUSPENDED /proc/spl/kstat/zfs/shaky/state
    must_fail s
    says s 'the pool shaky is suspended, since its disks do not answer (zpool status shows the fault'
    dmsetup suspend --noflush fragile
    dmsetup load fragile --table "0 $sectors linear $(disk 3) 0"
    dmsetup resume fragile
    zpool clear shaky
    start s
    assert_outcome s success
    [ -z "$(snapshots)" ] || fail "left: $(snapshots)"
    no_pool shaky
    dmsetup remove fragile
}

# P4b
a-zfs-that-hangs-ends-the-run-and-is-named() {
    a-tank
    remember_host
    printf '#!/bin/sh\nexec sleep infinity\n' | install -m 0755 /dev/stdin "$stage/zfs"
    mount --bind "$stage/zfs" /usr/sbin/zfs
    must_fail a
    umount /usr/sbin/zfs
    says a 'cannot snapshot /srv/a: zfs snapshot: it did not end within 120s'
    echo "a run with a zfs that hangs took $(last a '(.ended_usec - .started_usec) / 1000000 | floor') s"
    assert_host_as_before
    start a
    assert_outcome a success
    no_pool tank
}

snapshots-of-others-may-be-as-many-as-they-are() {
    a-tank
    cat >"$stage/zfs" <<'ZFS'
#!/bin/sh
case "$*" in 'list '*' snapshot -o name -s '*) yes tank/a@zfs-auto-snap_frequent-2026-11-27-1215 | head --lines 400000 ;; esac
exec /srv/m/zfs "$@"
ZFS
    chmod +x "$stage/zfs"
    install -D /usr/sbin/zfs /srv/m/zfs
    mount --bind "$stage/zfs" /usr/sbin/zfs
    start a
    umount /usr/sbin/zfs
    assert_outcome a success
    [ -z "$(snapshots)" ] || fail "left: $(snapshots)"
    # nor do they hide what a killed run has left
    zfs snapshot -o com.nyantec.igotchuu:run=a:0123456789abcdef0123456789abcdef tank/a@igotchuu-0123456789abcdef0123456789abcdef
    mount --bind "$stage/zfs" /usr/sbin/zfs
    start a
    umount /usr/sbin/zfs
    rm -r /srv/m
    [ -z "$(snapshots)" ] || fail "left: $(snapshots)"
    no_pool tank
}

what-has-not-changed-since-a-snapshot-of-somebody-else-is-not-backed-up-again() {
    new_pool tank "$(part 1)"
    zfs create -o mountpoint=/srv/z tank/z
    zfs create tank/z/below
    zfs_job z /srv/z -- 'full-every-days = 7'
    unchanged() { start z && [ "$(last z .restic_starts)" = 0 ] || fail "$1: $(last z .restic_starts) starts of restic"; }
    backed_up() { start z && [ "$(last z .restic_starts)" -gt 0 ] || fail "$1 is not backed up"; }
    backed_up 'the first'
    backed_up 'what no snapshot of somebody else tells about'
    zfs snapshot tank/z@monday
    backed_up 'a dataset that has none'
    zfs snapshot -r tank/z@tuesday
    backed_up 'the first with one on each'
    unchanged 'nothing'
    zfs snapshot -r tank/z@wednesday
    unchanged 'another snapshot'
    zfs destroy -r tank/z@wednesday
    unchanged 'one less'
    echo x >/srv/z/below/file
    backed_up 'a file below'
    backed_up 'a file below, which is in no snapshot of somebody else'
    zfs snapshot -r tank/z@thursday
    backed_up 'the first since another snapshot'
    unchanged 'nothing again'
    touch --reference /srv/z/below/file "$stage/times"
    printf y | dd of=/srv/z/below/file bs=1 conv=notrunc status=none
    touch --reference "$stage/times" /srv/z/below/file
    zfs snapshot -r tank/z@friday
    backed_up 'a byte under the same time, that a snapshot has'
    unchanged 'nothing since'
    chmod 0600 /srv/z/below/file
    backed_up 'a mode'
    zfs rollback tank/z/below@friday
    backed_up 'what was before'                                     # the last backup is not of that
    unchanged 'nothing since the rollback'
    zfs set mountpoint=/srv/z/elsewhere tank/z/below
    remember_host
    backed_up 'another place'
    assert_host_as_before
    no_pool tank
}

measured() {
    local count number made=0
    new_pool tank "$(part 1)"
    zfs create -o mountpoint=/srv/m tank/m
    zfs_job m /srv/m
    for count in 1 8 64; do
        for ((number = made; number < count - 1; ++number)); do zfs create "tank/m/$number"; done
        made=$((count - 1))
        start m
        start m
        [ "$(last m '.snapshots, .instants' | paste --serial --delimiters ' ')" = "$count 1" ] || fail "recorded: $(last m .)"
        echo "$count datasets, microseconds: $(last m '.phases_usec | del(.start, .lock)' | tr -d '\n')"
    done
    no_pool tank
}

promises=(
    what-is-mounted-below-a-source-is-in-at-its-place-and-what-is-not-is-named
    what-others-have-on-the-pool-stays-as-it-is
    a-snapshot-that-somebody-holds-is-no-plain-success-and-goes-with-the-next-run
    a-run-that-is-killed-leaves-nothing-that-the-next-one-does-not-tidy
    a-job-over-btrfs-and-two-pools-says-how-far-apart-they-are
    a-pool-that-cannot-serve-is-one-clear-error-and-nothing-is-left
    a-zfs-that-hangs-ends-the-run-and-is-named
    snapshots-of-others-may-be-as-many-as-they-are
    what-has-not-changed-since-a-snapshot-of-somebody-else-is-not-backed-up-again
    measured
    a-stop-while-the-pool-is-slow-waits-for-the-snapshot-and-leaves-none
    a-pool-whose-disk-is-gone-is-not-waited-for
)
[ $# -gt 0 ] || set -- "${promises[@]}"
for promise; do
    echo "$((SECONDS)) s: $promise"
    "$promise"
done
