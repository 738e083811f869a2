#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lvm-thin.sh [RUNS]: what is particular to snapshots of thin volumes; what every way of freezing promises is held in ../system/methods.sh. RUNS: how many
# in a row beside a busy udev (4).
. "$(dirname "$0")/../system/stage.sh"
. "$(dirname "$0")/disks.sh"
fresh_disks

runs=${1:-4} bare=/dev/disk/by-id/virtio-disk2
title() { printf -- '--- %(%T)T %s\n' -1 "$1"; }
lvs() { command lvs --noheadings "$@" 2>/dev/null | sed 's/^ *//; s/ *$//'; }
volume() { # NAME TYPE DIR [MIB]
    lvcreate --quiet --yes --virtualsize "${4:-400}M" --thinpool vg-sys/p-0 --name "$1" >/dev/null 2>&1
    "mkfs.$2" -q "/dev/vg-sys/$1" 2>/dev/null
    mkdir -p "$3"
    mount "/dev/vg-sys/$1" "$3"
}
undo() {
    umount --quiet --lazy /usr/sbin/lvm
    findmnt --noheadings --list --output TARGET --raw | grep '^/srv/' | tac | xargs --no-run-if-empty umount --lazy
    vgremove --quiet --yes --force vg-sys
    rm -rf /srv/[a-z]*
}

vgcreate --quiet vg-sys /dev/disk/by-id/virtio-disk1
lvcreate --quiet --yes --size 2G --thinpool vg-sys/p-0 >/dev/null
volume home-data ext4 /srv/h
volume x xfs /srv/x
mkdir -p /srv/h/alice/deep /srv/h/bob
for number in {1..200}; do echo "$number" >"/srv/h/alice/$number"; done
echo 'deep down' >/srv/h/alice/deep/file
echo bob >/srv/h/bob/file

restic init --quiet --repo /var/lib/igotchuu/cheap --password-file <(echo cheap)
(umask 0077 && echo cheap >/var/lib/igotchuu/cheap.password)
python3 "$(dirname "$0")/../system/cheap-key.py" /var/lib/igotchuu/cheap /var/lib/igotchuu/cheap.password
restic() { command restic --quiet --no-cache --repo /var/lib/igotchuu/cheap --password-file /var/lib/igotchuu/cheap.password "$@"; }
repository cheap <<<$'location = "/var/lib/igotchuu/cheap"\npassword-file = "/var/lib/igotchuu/cheap.password"'
# lvm_job NAME SOURCE…: slow enough for what is new in big files to be met in mid-run.
lvm_job() {
    local name=$1 sources
    shift
    sources=$(printf '"%s", ' "$@")
    job "$name" <<<"sources = [${sources%, }]"$'\nrepositories = ["cheap"]\nsnapshot = "lvm-thin"\nrestic-args = ["--limit-upload", "2048"]'
}
take_long() { head --bytes 8M /dev/urandom >"$1/big"; }
everything() { host; lvs --all --options vg_name,lv_name,lv_active,lv_suspended,lv_tags,lv_permissions; readlink /dev/disk/by-uuid/*; }
remember() { udevadm settle; everything >"$stage/everything.before"; }
assert_as_before() { udevadm settle; diff "$stage/everything.before" <(everything) >&2 || fail "after $1 the machine is not as it was"; }
run() {
    systemctl start "igotchuu@$1" || fail "the run of $1 failed: $(last "$1" .message)"
    assert_outcome "$1" success
}
refused() { # NAME SENTENCE…
    local name=$1 sentence
    shift
    ! systemctl start "igotchuu@$name" 2>/dev/null || fail "$name was no failure"
    assert_outcome "$name" failed
    for sentence in "$@"; do assert_says "$(last "$name" .message)" "$sentence"; done
}
ours() { lvs --options lv_name --select 'lv_name=~"^igotchuu-"'; }
of_uuid() { basename "$(readlink --canonicalize "/dev/disk/by-uuid/$(blkid --output value --match-tag UUID "$1")")"; }
device() { basename "$(readlink --canonicalize "$1")"; }

lvm_job h /srv/h
lvm_job parts /srv/h/alice/deep /srv/h/bob
lvm_job x /srv/x
reload

title 'a volume whose names have hyphens is found by its device number'
take_long /srv/h
cp --archive /srv/h "$stage/before"
remember
systemctl start --no-block igotchuu@h
wait_for_phase h restic
snapshot=$(ours)
[ -n "$snapshot" ] || fail 'there is no snapshot'
title 'while it is read, its UUID leads to its origin, and it is marked not to be activated'
udevadm trigger --settle --subsystem-match=block
[ "$(of_uuid /dev/vg-sys/home-data)" = "$(device /dev/vg-sys/home-data)" ] || fail "the UUID leads to $(of_uuid /dev/vg-sys/home-data)"
[ "$(lvs --options lv_skip_activation,lv_permissions,lv_active "vg-sys/$snapshot" | tr --squeeze-repeats ' ')" = 'skip activation read-only active' ] ||
    fail "it is $(lvs --options lv_skip_activation,lv_permissions,lv_active "vg-sys/$snapshot")"
title 'its journal is empty'
assert_says "$(dumpe2fs -h /dev/vg-sys/home-data 2>/dev/null)" needs_recovery
[[ $(dumpe2fs -h "/dev/vg-sys/$snapshot" 2>/dev/null) != *needs_recovery* ]] || fail 'its journal was not written back'
title 'what changes meanwhile is not in the backup'
echo changed >/srv/h/alice/7
rm -rf /srv/h/bob
wait_for_state igotchuu@h inactive
assert_outcome h success
assert_as_before 'a run'
restic restore latest --target "$stage/restored"
assert_same "$stage/before" "$stage/restored/srv/h" --exclude=/lost+found
rm -rf "$stage/restored"
mkdir /srv/h/bob && echo bob >/srv/h/bob/file
said=$(journal_of igotchuu@h)
assert_says "$said" '/srv/h is frozen by lvm-thin (ext4 on the logical volume /dev/mapper/vg--sys-home--data)'

title 'two directories on one volume are one snapshot'
run parts
[ "$(last parts '.snapshots, .instants')" = $'1\n1' ] || fail "recorded: $(last parts .)"
[ "$(restic dump latest /srv/h/alice/deep/file)" = 'deep down' ] || fail 'the deep file is missing'
[ -z "$(restic ls latest /srv/h/alice/7)" ] || fail 'what is no source is in the backup'
assert_as_before 'a run of two sources'

title 'nothing tells whether a volume has changed: each run is a backup, whatever full-every-days says'
sed --in-place '$afull-every-days = 7' /etc/igotchuu/jobs/parts.toml
reload
for number in 1 2; do
    run parts
    [ "$(last parts '.restic_starts, .repositories[0].unchanged_since_usec')" = $'1\nnull' ] || fail "run $number is recorded as: $(last parts .)"
done
sed --in-place '/^full-every-days/d' /etc/igotchuu/jobs/parts.toml
reload

title 'xfs: a thousand files, written just before, are all there'
for number in {1..1000}; do echo "$number" >"/srv/x/$number"; done
run x
[ "$(restic ls --json latest | grep --count '"type":"file"')" = 1000 ] || fail 'not all are there'
restic restore latest --target "$stage/restored"
assert_same /srv/x "$stage/restored/srv/x"
rm -rf "$stage/restored"
assert_as_before 'a run over xfs'

title "$runs runs in a row, with udev busy"
(while :; do udevadm trigger --settle --subsystem-match=block; done) & # settled: no backlog that grows
udev=$!
for ((number = 1; number <= runs; ++number)); do
    run parts
    [ -z "$(ours)" ] || fail "run $number has left $(ours)"
done
kill "$udev"
assert_as_before "$runs runs beside a busy udev"

title 'a stop in mid-run leaves nothing'
take_long /srv/h
systemctl start --no-block igotchuu@h
wait_for_phase h restic
systemctl stop igotchuu@h
assert_outcome h stopped
assert_as_before 'a stop'
systemctl reset-failed igotchuu@h

title 'a SIGKILL in mid-run leaves nothing'
take_long /srv/h
systemctl start --no-block igotchuu@h
wait_for_phase h restic
systemctl kill --kill-whom=main --signal=KILL igotchuu@h
wait_for_state igotchuu@h failed
assert_outcome h killed
assert_as_before 'a SIGKILL'
systemctl reset-failed igotchuu@h

# left_over: of a run by hand that nobody tidies up after.
left_over() {
    take_long /srv/h
    /usr/libexec/igotchuu-exec backup h 2>/dev/null &
    local pid=$!
    wait_for_phase h restic
    kill -KILL $pid
    wait $pid || true
    [ -n "$(ours)" ] || fail 'nothing was left: this test tests nothing'
    udevadm settle
}
title 'a left-over never takes the place of its origin, and does not come up at boot'
left_over
udevadm trigger --settle --subsystem-match=block
[ "$(of_uuid /dev/vg-sys/home-data)" = "$(device /dev/vg-sys/home-data)" ] || fail "the UUID leads to $(of_uuid /dev/vg-sys/home-data)"
lvchange --activate n "vg-sys/$(ours)"
vgchange --quiet --activate y vg-sys
[ -z "$(lvs --options lv_active "vg-sys/$(ours)")" ] || fail 'it was activated with its group'
title 'the next run tidies up, and resumes an origin that was left suspended; what is not ours stays'
lvcreate --quiet --type thin --name igotchuu-mine vg-sys/home-data >/dev/null
lvcreate --quiet --type thin --name before-upgrade --addtag home vg-sys/home-data >/dev/null
dmsetup suspend vg--sys-home--data
run parts
[ "$(dmsetup info --columns --noheadings --options suspended vg--sys-home--data)" = Active ] || fail 'the origin is still suspended'
[ "$(ours)" = igotchuu-mine ] || fail "there is: $(ours)"
[ -n "$(lvs vg-sys/before-upgrade)" ] || fail 'a snapshot of the admin is gone'
said=$(journal_of igotchuu@parts)
assert_says "$said" 'vg-sys/igotchuu-mine'
lvremove --quiet --yes vg-sys/igotchuu-mine vg-sys/before-upgrade >/dev/null
run h                                                               # it has the last word about its run that was killed
assert_as_before 'a left-over'

title 'one job, several ways of freezing'
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo 'on btrfs' >/srv/d/file
volume on-lvm btrfs /srv/o
echo 'btrfs on LVM' >/srv/o/file
lvm_job both /srv/h/bob /srv/d /srv/o
reload
remember
run both
[ "$(last both '[.sources[].method] | join(" ")')" = 'lvm-thin btrfs btrfs' ] || fail "recorded: $(last both .sources)"
for file in /srv/h/bob/file=bob /srv/d/file='on btrfs' /srv/o/file='btrfs on LVM'; do
    [ "$(restic dump latest "${file%%=*}")" = "${file#*=}" ] || fail "${file%%=*} is not in the backup"
done
assert_as_before 'a run over LVM and btrfs'

title 'what has no thin snapshots is one clear error'
lvcreate --quiet --yes --size 100M --name lin-ear vg-sys >/dev/null
mkfs.ext4 -q /dev/vg-sys/lin-ear
mkfs.ext4 -q -F "$bare" 50M
mkdir -p /srv/l /srv/e
mount /dev/vg-sys/lin-ear /srv/l
mount "$bare" /srv/e
lvm_job linear /srv/l /srv/h
lvm_job bare /srv/e
job auto <<<'sources = ["/srv/h"]'
reload
remember
refused linear 'cannot snapshot /srv/l: the volume vg-sys/lin-ear is not in a thin pool' 'lvmthin(7)'
refused auto '/srv/h (on ext4, where snapshot = "lvm-thin" can)'
refused bare 'snapshot = "lvm-thin" can take no snapshot of /srv/e (on ext4)' 'name it in "live"'
assert_as_before 'what was refused'

title 'what LVM needs is in the unit of this job alone, and it is tight'
systemd-analyze security --offline=no --no-pager --threshold=31 igotchuu@h.service >/dev/null ||
    fail "exposure: $(systemd-analyze security --offline=no --no-pager igotchuu@h.service | tail -n 1)"

title 'eight volumes'
for number in {1..8}; do volume "v-$number" ext4 "/srv/v$number" 40; echo "$number" >"/srv/v$number/file"; done
lvm_job eight /srv/v{1..8}
lvm_job one /srv/v1
reload
remember
run one
run eight
[ "$(last eight '.snapshots, .instants')" = $'8\n8' ] || fail "recorded: $(last eight .)"
for number in {1..8}; do [ "$(restic dump latest "/srv/v$number/file")" = "$number" ] || fail "volume $number is missing"; done
assert_as_before 'a run over eight volumes'
for name in one eight; do last "$name" '"measured: \(.snapshots) volumes, \({window_usec, phases_usec} | tojson)"'; done

title 'a pool that is over its threshold or nearly full is refused, before anything is made'
sed --in-place 's/^.*thin_pool_autoextend_threshold = 100$/\tthin_pool_autoextend_threshold = 5/' /etc/lvm/lvm.conf
[ "$(lvmconfig --valuesonly activation/thin_pool_autoextend_threshold)" = 5 ] || fail 'the threshold was not set'
refused parts 'its thin pool vg-sys/p-0 is full' '5 % is where it was to grow by itself' 'lvextend'
sed --in-place 's/\(thin_pool_autoextend_threshold\) = 5/\1 = 100/' /etc/lvm/lvm.conf
lvcreate --quiet --yes --size 40M --thinpool vg-sys/small >/dev/null 2>&1
lvcreate --quiet --yes --virtualsize 80M --thinpool vg-sys/small --name s >/dev/null 2>&1
mkfs.ext4 -q -m 0 /dev/vg-sys/s
mkdir -p /srv/s
mount /dev/vg-sys/s /srv/s
lvm_job s /srv/s
reload
remember
fallocate --length 1M /srv/s/file
used() { echo $((10#$(lvs --options data_percent vg-sys/small | tr --delete .) * 40960 / 10000)); } # KiB
room=$((32 - $(used) / 1024))
title "a pool that fills up in mid-run ends the run ($room MiB left before)"
head --bytes "${room}M" /dev/urandom >/srv/s/big
sync --file-system /srv/s
systemctl start --no-block igotchuu@s
wait_for_phase s restic
dd if=/dev/urandom of=/srv/s/big bs=1M count="$room" conv=notrunc,fsync status=none &
writer=$!
wait_for_state igotchuu@s failed
assert_outcome s failed
assert_says "$(last s .message)" 'the thin pool vg-sys/small is running full'
wait "$writer" || true
[ -z "$(ours)" ] || fail "there is: $(ours)"
head --bytes "$((40960 * 98 / 100 - $(used)))K" /dev/urandom >/srv/s/more
sync --file-system /srv/s
systemctl reset-failed igotchuu@s
refused s 'its thin pool vg-sys/small is full' '95 % is the limit' 'lvextend --size +10G vg-sys/small'

# instead VERB COMMANDS: what LVM does for it from here on. hanging VERB: it hangs in it.
instead() {
    umount --quiet /usr/sbin/lvm || true
    mkdir -p /srv/real                                              # not in the stage: PrivateTmp= hides it; LVM goes by its name
    cp --no-clobber /usr/sbin/lvm /srv/real/lvm
    printf '#!/bin/sh\ncase $1 in %s) %s ;; esac\nexec /srv/real/lvm "$@"\n' "$1" "$2" | install -m 0755 /dev/stdin "$stage/instead"
    mount --bind "$stage/instead" /usr/sbin/lvm
}
hanging() { instead "$1" 'exec sleep infinity'; }
title 'an lvcreate that dies with the origin suspended and the lock held: the run that is stopped has resumed it at its end'
is_suspended() { [ "$(dmsetup info --columns --noheadings --options suspended vg--sys-home--data)" = Suspended ]; }
instead lvcreate '/srv/real/lvm "$@"; dmsetup suspend --noudevsync vg--sys-home--data; exec flock /run/lock/lvm/V_vg-sys sleep 45' # lvs gets 30 s
systemctl start --no-block igotchuu@parts
await 60 'the origin to be suspended' is_suspended
await 30 'the lock to be held' pgrep --full '^sleep 45$'
systemctl stop igotchuu@parts
! is_suspended || { dmsetup resume vg--sys-home--data; fail 'the origin is still suspended'; }
[ -z "$(ours)" ] || fail "there is: $(ours)"
systemctl reset-failed igotchuu@parts
umount /usr/sbin/lvm
title 'an lvremove that hangs holds nobody up, and is named; an origin that is suspended after the last word of a failed run is resumed'
hanging lvremove
mkdir -p /etc/systemd/system/igotchuu@parts.service.d
printf '[Service]\nExecStopPost=\nExecStopPost=%s\nExecStopPost=%s\n' '/usr/sbin/dmsetup suspend --noudevsync vg--sys-home--data' \
    '/usr/libexec/igotchuu-exec reap %i' >/etc/systemd/system/igotchuu@parts.service.d/60-late.conf
systemctl daemon-reload
refused parts 'cannot delete the snapshot vg-sys/igotchuu-' 'it did not end within 30s'
! is_suspended || { dmsetup resume vg--sys-home--data; fail 'the origin is still suspended'; }
rm -r /etc/systemd/system/igotchuu@parts.service.d
systemctl daemon-reload
title 'so is an lvs that hangs'
hanging lvs
refused parts 'cannot run lvm lvs: it did not end within 30s'
umount /usr/sbin/lvm
run parts
[ -z "$(ours)" ] || fail "there is: $(ours)"
