#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# methods.sh METHOD [RUNS [PHASE…]]: what every way of freezing promises, held against one of them, on real disks. RUNS: how many in a row (5); PHASE: those in
# which it is killed and stopped (all).
#
# A method is what stands in its function below: it makes the source /srv/m, with a second volume in it at /srv/m/inner where `inner` says that the method freezes
# that too, sets `lines` for the job file, and says by `left` what of snapshots and the like there is on the machine.
. "$(dirname "$0")/stage.sh"

method=$1 runs=${2:-5}
inner='' lines='' exec=/usr/libexec/igotchuu-exec
. "$(dirname "$0")/../vm/disks.sh"

on_btrfs() {
    new_btrfs /mnt/top
    new_source /mnt/top m /srv/m
    btrfs --quiet subvolume create /srv/m/inner
    btrfs --quiet subvolume snapshot -r /srv/m /mnt/top/foreign
    inner=yes
    left() { btrfs subvolume list /mnt/top | awk '{print $NF}' | sort; ls -A /mnt/top/.igotchuu 2>/dev/null || true; }
}
on_zfs() {
    fresh_disks
    modprobe zfs
    zpool create -f -O mountpoint=none -O acltype=posix -O xattr=sa tank "$(disk 1)"
    zfs create -o mountpoint=/srv/m 'tank/m m'
    zfs create 'tank/m m/inner'
    zfs snapshot 'tank/m m@foreign'
    inner=yes
    left() { zfs list -Hp -t snapshot -o name | sort; }
    undo() { zpool destroy -f tank; }
}
on_lvm_thin() {
    fresh_disks
    vgcreate --quiet --yes vg-m "$(disk 2)"
    lvcreate --quiet --yes --size 3G --thin vg-m/p-0
    lvcreate --quiet --yes --virtualsize 1G --thin vg-m/p-0 --name m-data
    mkfs.ext4 -q /dev/vg-m/m-data
    mkdir -p /srv/m
    mount /dev/vg-m/m-data /srv/m
    mkdir /srv/m/inner
    lvcreate --quiet --snapshot vg-m/m-data --name foreign
    inner=yes lines='snapshot = "lvm-thin"'
    left() { lvs --noheadings --options lv_name,lv_active vg-m | sort; }
    undo() { umount --lazy /srv/m; vgremove --force --force --yes vg-m; }
}
on_command() { # programs of the admin's, which take a snapshot on a btrfs and delete it
    new_btrfs /mnt/top
    new_source /mnt/top m /srv/m
    mkdir -p /srv/m/inner /srv/programs
    btrfs --quiet subvolume snapshot -r /srv/m /mnt/top/foreign
    printf '#!/bin/sh -e\nbtrfs --quiet subvolume snapshot -r /srv/m /mnt/top/still\necho /mnt/top/still\n' >/srv/programs/prepare
    printf '#!/bin/sh -e\n[ ! -e /mnt/top/still ] || btrfs --quiet subvolume delete /mnt/top/still\n' >/srv/programs/cleanup
    chmod +x /srv/programs/prepare /srv/programs/cleanup
    inner=yes lines=$'snapshot = "command"\nprepare = ["/srv/programs/prepare"]\ncleanup = ["/srv/programs/cleanup"]'
    left() { btrfs subvolume list /mnt/top | awk '{print $NF}' | sort; ls -A /var/lib/igotchuu/prepared 2>/dev/null || true; }
    undo() { rm -rf /srv/programs; }
}
on_none() {
    mkdir -p /srv/m/inner
    lines='snapshot = "none"'
    left() { :; }
    undo() { rm -rf /srv/m; }
}
declare -F "on_${method//-/_}" >/dev/null || fail "there is no method $method"
"on_${method//-/_}"

# A program that writes to `second` what is safe in `first` already: at no instant is `second` ahead. (Without the fsync btrfs promises no order: it
# flushes file after file.)
write_in_order() {
    exec python3 - /srv/m/first /srv/m/inner/second <<'PY'
import os, sys
first, second = (os.open(path, os.O_CREAT | os.O_WRONLY, 0o644) for path in sys.argv[1:])
number = 0
while True:
    number += 1
    os.pwrite(first, b"%09d" % number, 0)
    os.fsync(first)
    os.pwrite(second, b"%09d" % number, 0)
PY
}

mkdir -p /srv/m/static /srv/m/inner/static
[ -b "$(disk 1)" ] && few=few || few=''                             # emulated it is ten times slower
fill /srv/m/static $few
echo 'in the inner volume' >/srv/m/inner/static/file
write_in_order &
writer=$!
restic init --quiet --repo /var/lib/igotchuu/cheap --password-file <(echo cheap)
(umask 0077 && echo cheap >/var/lib/igotchuu/cheap.password)
python3 "$(dirname "$0")/cheap-key.py" /var/lib/igotchuu/cheap /var/lib/igotchuu/cheap.password
repository cheap <<<$'location = "/var/lib/igotchuu/cheap"\npassword-file = "/var/lib/igotchuu/cheap.password"'
restic() { command restic --quiet --no-cache --repo /var/lib/igotchuu/cheap --password-file /var/lib/igotchuu/cheap.password "$@"; }
job m <<EOF
sources = ["/srv/m"]
repositories = ["cheap"]
$lines
EOF
reload
everything() { host; left; }
everything >"$stage/everything.before"
assert_as_before() { diff "$stage/everything.before" <(everything) >&2 || fail "after $1 the machine is not as it was"; }
title() { printf '%s: %s\n' "$method" "$1"; }
run() {
    systemctl start igotchuu@m || fail "the run failed: $(last m .message)"
    assert_outcome m success
}
# begin_held PHASE: starts a run that takes a while in that phase, and waits for it. Each is entered by a rename(2) of the state file. Before "release"
# there are as many more as restic had progress to tell: it is only looked for, and may be over before anybody sees it.
declare -A entered=([snapshot]=4 [mount]=5 [restic]=6 [release]=1000)
begin_held() {
    mkdir -p /etc/systemd/system/igotchuu@m.service.d
    cat >/etc/systemd/system/igotchuu@m.service.d/60-held.conf <<UNIT
[Service]
ExecStart=
ExecStart=/usr/bin/strace -D -o /dev/null -e trace=rename -e inject=rename:delay_exit=1500ms:when=${entered[$1]} $exec backup %i
SystemCallFilter=
UNIT
    systemctl daemon-reload
    systemctl start --no-block igotchuu@m
    await 60 'the run to begin' test -e /run/igotchuu/state/m.json
    await 60 "phase $1" eval "phase_is m $1 || { [ $1 = release ] && [ ! -e /run/igotchuu/state/m.json ]; }"
}

title 'what is restored is one instant, under its own path, and nothing is left'
run
assert_as_before 'a run'
[ "$(restic snapshots --json | jq --raw-output '.[].paths[]')" = /srv/m ] || fail 'the path is not /srv/m'
restic restore latest --target "$stage/restored"
assert_same /srv/m/static "$stage/restored/srv/m/static"
[ "$(last m '.sources[0].method')" = "$method" ] || fail "recorded: $(last m .sources)"
if [ -n "$inner" ]; then
    [ "$(cat "$stage/restored/srv/m/inner/static/file")" = 'in the inner volume' ] || fail 'the inner volume is missing'
fi
rm -rf "$stage/restored"

if [ "$method" != none ]; then
    title "files that are written in order are never torn apart, $runs times in a row, with udev busy"
    udev=''
    ! command -v udevadm >/dev/null || { (while :; do udevadm trigger --subsystem-match=block; done) & udev=$!; }
    for ((number = 1; number <= runs; ++number)); do
        run
        first=$(restic dump latest /srv/m/first) second=''
        [ -z "$inner" ] || second=$(restic dump latest /srv/m/inner/second)
        [ -z "$inner" ] || [ "$(last m .instants)" != 1 ] || [ "1$first" -ge "1$second" ] || fail "torn apart: first is $first, second is $second"
        assert_as_before 'a run beside a busy udev'
    done
    [ -z "$udev" ] || kill "$udev"
fi

if [ "$method" != none ]; then
    title 'what a program holds is held in the snapshots, and for no longer'
    state=/srv/m/${inner:+inner/}state
    printf '#!/bin/sh -eu\necho held >%s\necho READY\ncat\necho live >%s\n' $state $state | install -m 0755 /dev/stdin /usr/local/sbin/keeper
    sed --in-place '1ihold = [["/usr/local/sbin/keeper"]]' /etc/igotchuu/jobs/m.toml
    reload
    run
    [ "$(restic dump latest $state)" = held ] || fail 'what was held is not in the backup'
    [ "$(cat $state)" = live ] || fail 'it is not let go'
    [ "$(last m '.hold_window_usec > 0 and .hold_window_usec < .phases_usec.snapshot')" = true ] || fail "held for: $(last m .hold_window_usec)"
    assert_as_before 'a run that held'
    sed --in-place '/^hold/d' /etc/igotchuu/jobs/m.toml
    reload
fi

if [ "$method" != none ]; then
    title 'a backup is proven to be what was frozen, were it half of a file'
    sed --in-place '1iprove = "full"' /etc/igotchuu/jobs/m.toml
    reload
    exec {unfinished}>/srv/m/static/unfinished
    printf 'the first half' >&$unfinished
    run
    printf ' and the second' >&$unfinished
    exec {unfinished}>&-
    [ "$(last m .repositories[0].proof.finding)" = proven ] || fail "not proven: $(last m .repositories[0].proof)"
    [ "$(restic dump latest /srv/m/static/unfinished)" = 'the first half' ] || fail 'it is not what was there at that instant'
    assert_as_before 'a run with a proof'
    rm /srv/m/static/unfinished
    sed --in-place '/^prove/d' /etc/igotchuu/jobs/m.toml
    reload
fi

title 'a source that is in use, by a shell in it and an open file, is no obstacle'
(cd /srv/m/static && exec sleep infinity </srv/m/first) &
run
kill $!
assert_as_before 'a run over a busy source'

if [ "$method" != none ] && [ "$method" != command ]; then
    title 'what an absent repository has missed is kept, and sent when it is there'
    sed 's|cheap"$|cheap.away"|' /etc/igotchuu/repositories/cheap.toml | repository away
    cp -a /var/lib/igotchuu/cheap /var/lib/igotchuu/cheap.away
    mv /var/lib/igotchuu/cheap.away /var/lib/igotchuu/in-a-drawer
    seen away
    sed --in-place 's|"cheap"]|"cheap", "away"]|' /etc/igotchuu/jobs/m.toml
    reload
    mkdir "$stage/expected"
    cp -a /srv/m/static/. "$stage/expected"
    systemctl start igotchuu@m
    assert_outcome m pending
    diff "$stage/everything.before" <(everything) >/dev/null && fail 'no snapshot is kept'
    everything >"$stage/everything.kept"
    rm -r /srv/m/static/bob
    echo changed >/srv/m/inner/static/file
    next_second
    systemctl start igotchuu@m                                     # it reaps what runs have left
    ! diff "$stage/everything.kept" <(everything) | grep '^<' >&2 || fail 'a run took away what is kept'
    [ "$(findmnt --noheadings --list --output TARGET | grep --count igotchuu)" = 0 ] || fail 'what is kept is mounted'
    mv /var/lib/igotchuu/in-a-drawer /var/lib/igotchuu/cheap.away
    systemctl start igotchuu-send@m
    assert_outcome m success
    assert_as_before 'what was kept was sent'
    on_away() { command restic --quiet --no-cache --repo /var/lib/igotchuu/cheap.away --password-file /var/lib/igotchuu/cheap.password "$@"; }
    on_away restore "$(on_away snapshots --json | jq --raw-output 'sort_by(.time)[-2].id')" --target "$stage/restored"
    assert_same "$stage/expected" "$stage/restored/srv/m/static"
    [ "$(cat "$stage/restored/srv/m/inner/static/file")" = 'in the inner volume' ] || fail 'the inner volume is not as it was'
    rm -rf "$stage/restored" "$stage/expected"
    sed --in-place 's|, "away"||' /etc/igotchuu/jobs/m.toml
    reload
fi

title 'no other namespace sees a thing'
begin_held restic
exec_pid=$(systemctl show --property MainPID --value igotchuu@m)
for mounts in /proc/[0-9]*/mountinfo; do
    pid=${mounts//[^0-9]/}
    [ "$(readlink "/proc/$pid/ns/mnt" 2>/dev/null)" != "$(readlink "/proc/$exec_pid/ns/mnt")" ] || continue
    ! grep --quiet 'igotchuu/scratch\| /srv/m .*igotchuu-' "$mounts" 2>/dev/null || fail "process $pid sees it: $(grep igotchuu "$mounts")"
done
wait_for_state igotchuu@m inactive
assert_as_before 'a run'

[ $# -gt 2 ] || set -- "$method" "$runs" "${!entered[@]}"
for phase in "${@:3}"; do
    title "killed in phase $phase: nothing is left, and the next run is a good one"
    begin_held "$phase"
    systemctl kill --kill-whom=main --signal=KILL igotchuu@m 2>/dev/null || [ "$phase" = release ] # it may be over
    await 60 'the run to end' eval '! state_is igotchuu@m activating && ! state_is igotchuu@m deactivating'
    [ "$phase" = release ] || assert_outcome m killed
    assert_as_before "a SIGKILL in phase $phase"
    systemctl reset-failed igotchuu@m 2>/dev/null || true

    title "stopped in phase $phase: nothing is left, and it is no success"
    begin_held "$phase"
    systemctl stop igotchuu@m
    [ "$phase" = release ] || assert_outcome m stopped             # there the backup is complete
    assert_as_before "a stop in phase $phase"
    systemctl reset-failed igotchuu@m 2>/dev/null || true
done
rm /etc/systemd/system/igotchuu@m.service.d/60-held.conf
systemctl daemon-reload
run

title 'what a run by hand left that nobody could reap is found by the next run; other snapshots are untouched'
hold="strace -D -o /dev/null -e trace=rename -e inject=rename:delay_exit=10s:when=${entered[restic]}"
$hold $exec backup m 2>/dev/null &
wait_for_phase m restic
kill -KILL $!
wait $! || true
diff "$stage/everything.before" <(everything) >/dev/null && [ "$method" != none ] && fail 'nothing was left: this tests nothing'
run
assert_as_before 'the run after it'

kill $writer
restic check
title 'all is well'
