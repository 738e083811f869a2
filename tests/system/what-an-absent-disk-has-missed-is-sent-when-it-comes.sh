#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job with two repositories, one of them on a disk that is in a drawer: the other one gets the instant, and the snapshot stays. When the disk is mounted, by
# whoever it may be, that very instant is sent, with its time, and nothing is left. With no repository there at all the run is not now, and no success.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/nested
fill /srv/d few
echo old >/srv/d/nested/file
new_disk() { truncate --size 100M "$stage/usb.ext4" && mkfs.ext4 -q -F "$stage/usb.ext4"; }
plug() { mkdir -p /mnt/usb && mount -o loop "$stage/usb.ext4" /mnt/usb; }
undo() { umount --lazy /mnt/usb; rmdir /mnt/usb; }
on_usb() { restic --quiet --no-cache --repo /mnt/usb/restic --password-file /etc/igotchuu/usb.key "$@"; }

cheap_repository r
new_disk
plug
(umask 0077 && echo usb >/etc/igotchuu/usb.key)
on_usb init
"$(dirname "$0")/cheap-key.py" /mnt/usb/restic /etc/igotchuu/usb.key
umount /mnt/usb
printf 'location = "/mnt/usb/restic"\npassword-file = "/etc/igotchuu/usb.key"\n' | repository usb
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\nprove = "full"'
reload
remember_host

kept() { jq --raw-output "$1" /var/lib/igotchuu/kept/d.json; }
nothing_is_kept() { [ ! -e /var/lib/igotchuu/kept/d.json ]; }
sent() { nothing_is_kept && ! state_is igotchuu-send@d activating; }
# The instant is that of the snapshot that restic has, to the second.
assert_instant_in_usb() {
    [ "$(on_usb snapshots --json | jq "map(.time | .[0:19]) | contains([\"$(date --date="@$1" +%FT%T)\"])")" = true ] ||
        fail "no snapshot of $(date --date="@$1" +%FT%T): $(on_usb snapshots --json | jq --compact-output 'map(.time)')"
}

# One that has never been there is no disk in a drawer: a failure, and nothing is kept.
! systemctl start igotchuu@d 2>/dev/null || fail 'a success, with a repository that was never there'
[ "$(last d '.repositories | map(.outcome) | join(" ")')" = 'success failed' ] || fail "$(last d .repositories)"
nothing_is_kept || fail "kept: $(kept .)"
systemctl reset-failed igotchuu@d
seen usb

# One is there, the other is not.
next_second
systemctl start igotchuu@d
assert_exit igotchuu@d 0
assert_outcome d pending
[ "$(last d '.repositories | map(.outcome) | join(" ")')" = 'success pending' ] || fail "$(last d .repositories)"
assert_says "$(last d .message)" 'usb: there is no repository at /mnt/usb/restic (is its disk mounted?)'
! grep 'repository init' <<<"$(last d .message)" || fail 'one that is in a drawer is to be made anew in the place of its disk'
[ "$(jq --raw-output .last_success.outcome /var/lib/igotchuu/jobs/d.json)" = pending ] || fail 'what one repository has is no success'
[ "$(stat --format='%a %U:%G' /var/lib/igotchuu/kept /var/lib/igotchuu/kept/d.json | paste --serial)" = $'2750 root:igotchuu\t640 root:igotchuu' ] ||
    fail "$(stat --format='%a %U:%G' /var/lib/igotchuu/kept /var/lib/igotchuu/kept/d.json)"
[ "$(kept '.instants | map(.repositories[].repository) | join(" ")')" = usb ] || fail "kept: $(kept .)"
run=$(kept '.instants[0].run') instant=$(($(kept '.instants[0].instant_usec') / 1000000))
[ -e "/mnt/top/.igotchuu/d:$run/0/snapshot" ] || fail 'the snapshot is gone'
list=$(/usr/libexec/igotchuu-exec pending)
device=$(findmnt --noheadings --output SOURCE --nofsroot --first-only /mnt/top)
uuid=$(blkid --probe --match-tag UUID --output value "$device")
for word in "$(date --date="@$instant" '+%F %T')" "run $run" 'for usb' 'is its disk mounted' "d:$run, btrfs $uuid"; do assert_says "$list" "$word"; done
said="d: the instant of $(date --date="@$instant" '+%F %T') is kept for usb, absent since "
assert_says "$(igotchuu status d)" "$said"
[ "$(igotchuu status --json d | jq --raw-output '.jobs[0].kept[0] | [.run, .wanted_by[0].repository] | join(" ")')" = "$run usb" ] || fail "$(igotchuu status --json d)"
assert_says "$(igotchuu repository status usb)" "$said"
[ "$(igotchuu repository status --json usb | jq --raw-output '.repositories[0].awaited[0] | [.job, .run] | join(" ")')" = "d $run" ] || fail "$(igotchuu repository status --json usb)"
! igotchuu repository status r | grep --quiet awaits || fail 'one that has all is said to wait'
mkdir "$stage/expected"
cp -a --reflink=never /srv/d/. "$stage/expected"

# The world goes on, and the disk comes.
echo new >/srv/d/nested/file
rm -r /srv/d/alice
# A file comes out of what is kept, by the manual, while the disk is away.
said=$(igotchuu versions d /srv/d/nested/file 2>&1) || [ $? = 3 ] || fail "what has a file: $said"
assert_says "$said" "the instant of $(date --date="@$instant" '+%F %T') is kept here for an absent repository, and was not looked into: /usr/libexec/igotchuu-exec pending says where"
mkdir -p /mnt/kept "$stage/by-hand"
eval "$(example igotchuu.1.scd 'mount -o ro,subvolid=5' |
    sed "s#UUID=[^ ]*#$device#; s#home:RUN/0/snapshot/alice/thesis.odt /var/tmp/#d:$run/*/snapshot/file $stage/by-hand/#; s#/mnt\($\|/\.\)#/mnt/kept\1#")"
[ "$(cat "$stage/by-hand/file")" = old ] || fail 'the state of the kept instant is not what the manual gets out of it'
rmdir /mnt/kept
next_second
plugged=$EPOCHREALTIME
plug
await 60 'what was kept to be sent' sent
printf 'sent %s s after the disk was mounted\n' "$(awk "BEGIN { print $EPOCHREALTIME - $plugged }")"
assert_outcome d success
[ "$(last d .kept_run)" = "$run" ] || fail 'the record does not say which instant it was'
[ "$(last d '.repositories | map("\(.repository) \(.proof.finding)") | join(", ")')" = 'usb proven' ] || fail "what was sent is not proven: $(last d .repositories)"
[ "$(jq --raw-output .last_success.outcome /var/lib/igotchuu/jobs/d.json)" = success ] || fail 'the last success is another one'
[ "$(igotchuu status --json d | jq --raw-output '.jobs[0].last_run.outcome')" = pending ] || fail 'it passes for the last run of the job'
of_bus() { [[ $(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$1") = *$2* ]]; }
await 10 'the bus to know' of_bus LastRepositories '"usb" "success"'
of_bus LastResult '"pending"' || fail 'on the bus it passes for the last run of the job'
assert_instant_in_usb "$instant"
assert_says "$(journalctl --quiet --output cat --unit igotchuu-send@d --unit igotchuu@d --since "@$stage_began")" 'is where it was to go'
mkdir "$stage/restored"
on_usb restore latest --target "$stage/restored"
assert_same "$stage/expected" "$stage/restored/srv/d"
[ -z "$(ls /mnt/top/.igotchuu)" ] || fail "left: $(ls /mnt/top/.igotchuu)"
umount /mnt/usb
assert_host_as_before

# Two runs later the disk is there for a backup, which sends what was missed after its own.
systemctl start igotchuu@d
assert_outcome d pending
missed=$(($(kept '.instants[0].instant_usec') / 1000000))
next_second
systemctl mask --quiet --runtime igotchuu-send@d.service
systemctl daemon-reload
plug
systemctl start igotchuu@d
nothing_is_kept || fail "kept: $(kept .)"
systemctl unmask --quiet --runtime igotchuu-send@d.service
assert_instant_in_usb "$missed"
[ "$(on_usb snapshots --json | jq length)" = 3 ] || fail 'the disk has not what it should'
[ "$(jq --raw-output '.last_success.kept_run' /var/lib/igotchuu/jobs/d.json)" = '' ] || fail 'an older instant, sent later, is the last success'
echo 'keep.last = 9' >>/etc/igotchuu/jobs/d.toml
reload
said=$(/usr/libexec/igotchuu-exec retention d)
[[ $said = *'usb: 3 snapshots, 0 to remove'* && $said != *held* ]] || fail "an older instant, sent later, holds what is to be removed: $said"
umount /mnt/usb
assert_host_as_before

# None is there: not now, and no success. systemd tries again, and one instant stands for all the tries.
job d <<<$'sources = ["/srv/d"]\nrepositories = ["usb"]'
mkdir -p /etc/systemd/system/igotchuu@d.service.d
printf '[Service]\nRestartSec=200ms\nRestartSteps=0\nRestartMaxDelaySec=infinity\n' >/etc/systemd/system/igotchuu@d.service.d/60-admin.conf
reload
success=$(jq --compact-output .last_success /var/lib/igotchuu/jobs/d.json)
listen
begun=$EPOCHREALTIME
tried() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep 'Backup of d is pending' | wc --lines)" -ge "$1" ]; }
systemctl start --no-block igotchuu@d
await 60 'three tries' tried 3
systemctl stop igotchuu@d
assert_outcome d pending
[ "$(exit_status igotchuu@d)" = 75 ] || fail "it exits with $(exit_status igotchuu@d)"
[ "$(jq --compact-output .last_success /var/lib/igotchuu/jobs/d.json)" = "$success" ] || fail 'it counts as a success'
[ "$(count_heard BackupComplete)" = 0 ] || fail 'the bus says that a backup is complete'
[ "$(kept '.instants | length')" = 1 ] || fail "each try has kept an instant: $(kept .)"
[ "$(jq '.history | map(select(.outcome == "pending")) | length' /var/lib/igotchuu/jobs/d.json)" -le 4 ] || fail 'each try is a run of the history'
/usr/libexec/igotchuu-exec pending --drop d
nothing_is_kept || fail 'it was not dropped'
assert_host_as_before
