#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Odd names, sparse files, hard links, FIFOs, sockets, devices, ACLs; nested subvolumes that are in and that are left out, excludes, caches, a live mount point, two
# sources, one in the other; access times; two repositories; a job without a snapshot; and with an argument that many files. All are proven, or said to be unproven.
. "$(dirname "$0")/stage.sh"
count=${1-0}

new_btrfs /mnt/top 2000
new_source /mnt/top d /srv/d
fill /srv/d
new_source /mnt/top inner /srv/d/inner
fill /srv/d/inner few
mknod /srv/d/alice/null c 1 3
mknod /srv/d/alice/zero c 1 5
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/srv/d/alice/socket")'
for name in '$HOME' 'a"b' "it's" 'back\slash' ' ' 'x ' '-n' '#' '*' '?' '[a-z]' '{a,b}' '~' $'tab\t' $'cr\r' $'esc\e[31m' $'\xff\xfe' $'\xc3' 'ä' 'CON' "$(printf 'n%.0s' {1..255})"; do
    echo "$name" >"/srv/d/bob/$name"
    mkdir "/srv/d/bob/dir $RANDOM ${name:0:200}"
done
# of each odd name a twin, which a pattern that were looser than the name would fit, with more than there is room for
for name in 'a b' 'a*b' 'a?b' 'a[b' 'a\b' 'a$b' $'a\nb' 'ab '; do
    echo "$name" >"/srv/d/bob/$name"
done
for twin in a-b 'ab-'; do
    mkdir "/srv/d/bob/$twin"
    truncate --size 40M "/srv/d/bob/$twin/1" "/srv/d/bob/$twin/2"
done
btrfs --quiet subvolume create /srv/d/nested
echo in >/srv/d/nested/file
btrfs --quiet subvolume snapshot -r /srv/d/nested /srv/d/left-out
mkdir /srv/d/cache /srv/d/boot
printf 'Signature: 8a477f597d28d172789f06886806bc55' >/srv/d/cache/CACHEDIR.TAG
echo x >/srv/d/cache/x
echo x >/srv/d/bob/left-out.tmp
truncate --size 20M "$stage/boot.ext4" && mkfs.ext4 -q "$stage/boot.ext4" && mount -o loop "$stage/boot.ext4" /srv/d/boot
echo live >/srv/d/boot/kernel
for ((number = 0; number < count; ++number)); do
    ((number % 1000)) || mkdir -p "/srv/d/many/$number"
    echo "$number" >"/srv/d/many/$((number - number % 1000))/$number"
done
cheap_repository r
cheap_repository s
common=$'sources = ["/srv/d", "/srv/d/inner"]\nrepositories = ["r", "s"]\nexclude = ["*.tmp"]\nexclude-caches = true\n'
remember_host

proven() {                                                        # WORD FINDING
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
    [ "$(last d '[.repositories[].proof | "\(.extent) \(.finding)"] | unique | join(" and ")')" = "$1 $2" ] || fail "asked for $1: $(last d '[.repositories[].proof] | tostring')"
    assert_host_as_before
}
for live in '' $'live = ["/srv/d/boot"]\n' $'live = ["/srv/d/boot"]\nrestic-args = ["--with-atime", "--force"]\n'; do
    [ -n "$live" ] || umount /srv/d/boot
    remember_host
    for extent in full sample full; do
        job d <<<"$common$live"$'prove-every-days = 0\nprove-files = 500\nprove = "'$extent$'"'
        reload
        proven $extent proven
        case ${live:+live }$extent in
        *sample) starts='6' ;;
        'live full') starts='8' ;;
        full) starts='8 9 10' ;;                                    # the place of left-out may have got other times
        esac
        [[ " $starts " = *" $(last d .restic_starts) "* ]] || fail "$extent: two backups and their proofs are $(last d .restic_starts) starts of restic"
        [ "$(last d .repositories[0].proof.restored)" -gt 20 ] || fail "$extent: $(last d .repositories[0].proof.restored) files were restored"
    done
    [ -n "$live" ] || mount -o loop "$stage/boot.ext4" /srv/d/boot
done
[ "$count" = 0 ] || [ "$(last d .repositories[0].proof.files)" -gt "$count" ] || fail "$(last d .repositories[0].proof.files) files were compared"

# on the bus and in the metrics
I=com.nyantec.igotchuu
said=$(busctl get-property $I /com/nyantec/igotchuu/job/d $I.Job1 LastProven)
assert_says "$said" 'a(sttssttt) 2'
assert_says "$said" "\"$(last d .repositories[0].summary.snapshot_id)\" \"full\" $(last d .repositories[0].proof.files)"
/usr/libexec/igotchuu-exec metrics "$stage/metrics"
assert_says "$(cat "$stage/metrics")" 'igotchuu_repository_proven_timestamp_seconds{backup="d",repository="s"}'
assert_says "$(cat "$stage/metrics")" "igotchuu_repository_proven_files{backup=\"d\",repository=\"s\",extent=\"full\"} $(last d .repositories[1].proof.files)"

# a proof holds for a while; what is live has none
job d <<<"$common"$'live = ["/srv/d/boot"]\nprove = "full"'
reload
next_second
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d '[.repositories[].proof] | tostring')" = '[null,null]' ] || fail 'it was proved once more'
[ "$(last d .restic_starts)" = 2 ] || fail "restic was started $(last d .restic_starts) times"
umount /srv/d/boot
job d <<<"$common"$'snapshot = "none"\nprove = "full"\nprove-every-days = 0'
reload
remember_host
proven full unproven
assert_says "$(journal_of igotchuu@d)" 'nothing of it was frozen'
