#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu mount shows all snapshots as directories, as they were, read-only, with no fusermount3 and no right to mount for restic. However it ends, nothing of it stays.
. "$(dirname "$0")/stage.sh"

evidence() { cat "$stage"/said.*; }
undo() {
    umount --lazy /usr/bin/fusermount3
    pkill -KILL --pidfile "$stage/pid"
    umount --lazy /srv/seen /srv/also
    rm -rf /srv/seen /srv/also /srv/link
}

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
cheap_repository r
cheap_repository other
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "other"]'
reload
mkdir -p /srv/seen /srv/also
one_line() {
    local status=0
    igotchuu mount "${@:3}" >"$stage/said.line" 2>&1 </dev/null || status=$?
    [ $status = "$1" ] || fail "mount ${*:3} exits with $status, not $1: $(cat "$stage/said.line")"
    [ "$(wc --lines <"$stage/said.line")" = 1 ] || fail "mount ${*:3} says: $(cat "$stage/said.line")"
    assert_says "$(cat "$stage/said.line")" "$2"
}
one_line 1 'there is no snapshot yet' d /srv/seen
fill /srv/d few
systemctl start igotchuu@d
assert_outcome d success
mount --bind /bin/false /usr/bin/fusermount3
remember_host

# show NAME DIR ARGUMENT…: until it is there; the process is $NAME.
seen() { mountpoint --quiet "$1"; }
gone() { ! seen "$1"; }
show() {
    local name=$1 directory=$2
    shift 2
    rm -f "$stage/said.$name"
    setsid igotchuu mount "$@" >"$stage/said.$name" 2>&1 </dev/null &
    declare -g "$name=$!"
    await 30 "the mount on $directory" grep --quiet --no-messages 'until Ctrl-C' "$stage/said.$name"
    seen "$directory" || fail "nothing is on $directory"
}
exec_of() { pgrep --parent "$1" --exact igotchuu-exec; }
restic_of() { pgrep --parent "$(exec_of "$1")" --exact restic; }
# work_in DIR: somebody is there, until $worker is killed.
work_in() {
    (cd "$1" && exec sleep 60) &
    worker=$!
    await 10 'somebody who works there' eval "[ \"\$(readlink /proc/$worker/cwd)\" = $1 ]"
}
# ended NAME STATUS: by now, and nothing of it is there.
ended() {
    local status=0
    wait "${!1}" || status=$?
    [ $status = "$2" ] || fail "its end is $status, not $2: $(cat "$stage/said.$1")"
    await 10 'the end of restic' eval '[ -z "$(processes)" ]'
    assert_host_as_before
}

echo '- all is there as it was, and can only be read; a file comes out with its owner'
show one /srv/seen d /srv/seen
[ "$(ls /srv/seen | paste --serial)" = $'hosts\tids\tsnapshots\ttags' ] || fail "there are: $(ls /srv/seen)"
assert_same /srv/d /srv/seen/snapshots/latest/srv/d
[ "$(getfattr --only-values --name user.colour /srv/seen/snapshots/latest/srv/d/alice/note.txt)" = blue ] || fail 'an attribute is missing'
! touch /srv/seen/x 2>/dev/null || fail 'it can be written to'
options=$(findmnt --noheadings --output OPTIONS /srv/seen)
for option in ro nosuid nodev; do [[ ,$options, == *,$option,* ]] || fail "mounted with $options"; done
user bob
! runuser --user bob -- ls /srv/seen 2>/dev/null || fail 'others than root can look into it'
hint=$(sed --quiet 's/^A file is copied out.* by: //p' "$stage/said.one")
hint=${hint/PATH/srv/d/alice/note.txt}
eval "${hint/TO/$stage/out}"
[ "$(stat --format='%u %g %a %y' "$stage/out")" = "$(stat --format='%u %g %a %y' /srv/d/alice/note.txt)" ] || fail "it came out as $(stat "$stage/out")"
! grep --quiet covered "$stage/said.one" || fail 'an empty directory is called covered'

echo '- restic has no right to mount, and does not see what it serves'
[ "$(sed --quiet 's/^CapEff:\t//p' "/proc/$(restic_of "$one")/status")" = 0000000000000004 ] || fail 'restic has more rights than to read'
! grep --quiet ' /srv/seen ' "/proc/$(restic_of "$one")/mountinfo" || fail 'restic sees its own mount'
one_line 1 'something is mounted there already (take another' d /srv/seen

echo '- two at once, one of a relative path and one repository; both end by Ctrl-C, though somebody works there'
echo x >/srv/also/kept
cd /srv
show two /srv/also --repository r d ./seen/../also/
cd /
assert_says "$(cat "$stage/said.two")" 'The snapshots of d in r are in /srv/also'
assert_says "$(cat "$stage/said.two")" 'What /srv/also itself has in it is covered until then'
work_in /srv/also/snapshots
exec 7</srv/seen/snapshots/latest/srv/d/alice/note.txt
kill -INT -- "-$one" "-$two" # as a terminal does: to the whole group
wait "$two" || fail "its end is $?: $(cat "$stage/said.two")"
ended one 0
exec 7<&-
[ "$(cat /srv/also/kept)" = x ] || fail 'what was covered is not there'
kill "$worker"
rm /srv/also/kept
[ "$(wc --lines <"$stage/said.one")" = 7 ] || fail "it has said: $(cat "$stage/said.one")"

echo '- umount ends it'
show one /srv/seen d /srv/seen
umount /srv/seen
ended one 0

echo '- SIGTERM, and each of its processes killed'
show one /srv/seen d /srv/seen
kill -TERM "$one"
ended one 0
show one /srv/seen d /srv/seen
kill -KILL "$(restic_of "$one")"
ended one 1
assert_says "$(cat "$stage/said.one")" 'restic was ended by signal 9 (Killed'
show one /srv/seen d /srv/seen
work_in /srv/seen/ids
kill -KILL "$(exec_of "$one")"
ended one 137
kill "$worker"
show one /srv/seen d /srv/seen
kill -KILL "$one"
await 10 'the end of the mount' gone /srv/seen
ended one 137

echo '- igotchuu and igotchuu-exec killed at once: what is left is said, and can be unmounted'
show one /srv/seen d /srv/seen
kill -KILL "$one" "$(exec_of "$one")"
await 10 'the end of restic' eval '[ -z "$(processes)" ]'
one_line 1 'something is mounted there already' d /srv/seen
umount /srv/seen
ended one 137

echo '- the repository goes away: what is read fails, and the end is the same'
show one /srv/seen d /srv/seen
mv /srv/cheap /srv/away
! timeout 60 cat /srv/seen/snapshots/latest/srv/d/alice/private >/dev/null 2>&1 || fail "it is read without a repository"
kill -INT "$one"
ended one 0
mv /srv/away /srv/cheap

echo '- a repository of which nothing is configured, and which is of another user'
chown --recursive bob /srv/cheap/other
show one /srv/seen --repository /srv/cheap/other --password-file /etc/igotchuu/other.key /srv/seen
assert_says "$(cat "$stage/said.one")" 'The snapshots of /srv/cheap/other are in /srv/seen'
[ -e /srv/seen/snapshots/latest/srv/d/alice/note.txt ] || fail 'nothing is in it'
kill -INT "$one"
ended one 0

echo '- what cannot be is one line'
one_line 1 'is not there (mkdir /srv/nowhere)' d /srv/nowhere
one_line 1 'is no directory' d /etc/passwd
ln -s /srv/seen /srv/link
one_line 1 'a link leads there, and nothing is mounted through links (its real name is /srv/seen)' d /srv/link
one_line 1 'the repository itself, /srv/cheap/r, would be covered' --repository r d /srv/cheap
one_line 1 'something is mounted there already' d /srv/d
one_line 64 'on which directory?' d
one_line 64 'of which job?' /srv/seen
one_line 64 'there is no job "dd"' dd /srv/seen
printf 'wrong\n' >"$stage/wrong"
status=0
igotchuu mount --repository /srv/cheap/r --password-file "$stage/wrong" /srv/seen >"$stage/said.line" 2>&1 || status=$?
[ $status = 1 ] || fail "with a wrong password it exits with $status"
assert_says "$(cat "$stage/said.line")" 'the password for /srv/cheap/r is wrong'
status=0
runuser --user bob -- igotchuu mount d /srv/seen >"$stage/said.line" 2>&1 || status=$?
[ $status = 1 ] || fail "as a user it exits with $status"
assert_says "$(cat "$stage/said.line")" 'only root may'
assert_host_as_before
