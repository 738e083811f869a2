#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu repository init where something is wrong: one clear sentence, nothing that is there is touched, and a working key is never in its place before somebody has
# the recovery key: the chip that sealed it may be all that opens it.
. "$(dirname "$0")/stage.sh"
undo() {
    umount --quiet /var/lib/systemd
    systemctl --quiet stop server
    sed --in-place '\:/srv/cut/drawer:d' /etc/fstab
    umount --quiet /srv/cut/drawer
    rm -rf /etc/credstore/cut-* /etc/credstore.encrypted/cut-* /srv/cut /etc/cut
}
exec=/usr/libexec/igotchuu-exec
mkdir -p /srv/cut /etc/cut
sealed=/etc/credstore.encrypted/cut-nas

refused() { # refused STATUS SENTENCE COMMAND…
    local expected=$1 sentence=$2 status=0
    shift 2
    "$@" 2>"$stage/said" | cat >"$stage/shown" || status=$?
    [ $status = "$expected" ] || fail "$*: $status, not $expected: $(cat "$stage/said")"
    assert_says "$(cat "$stage/said")" "$sentence"
    ! grep --extended-regexp '([2-9A-HJ-NP-Z]{4}-){7}' "$stage/shown" "$stage/said" || fail 'a recovery key was shown'
}
init() { igotchuu repository init "$@"; }
nothing_is_made() { [ -z "$(find /srv/cut /etc/cut /etc/credstore /etc/credstore.encrypted -name 'cut-*' -o -path '/srv/cut/*' -o -path '/etc/cut/*')" ] || fail "$1: something was made"; }
recovery_keys() { RESTIC_PASSWORD=$(systemd-creds decrypt --name=cut-nas "$1" -) restic --no-cache --repo /srv/cut/nas key list --json | jq '[.[] | select(.userName == "igotchuu-recovery")] | length'; }
nas() { { echo 'password-credential = "cut-nas"'; cat; } | repository nas; }

nas <<<'location = "/srv/cut/nas"'
# where nobody would see the key, or it would lie on a disk, nothing is begun
for place in /dev/null "$stage/file"; do
    ! igotchuu repository init nas >$place 2>"$stage/said" || fail "a key went to $place"
    assert_says "$(cat "$stage/said")" 'nobody would see the recovery key'
    ! $exec init nas >$place 2>"$stage/said" || fail "a key went to $place"
    assert_says "$(cat "$stage/said")" 'nobody takes the recovery key'
done
nothing_is_made 'without a person'

# the repository's file, and its place
repository wrong <<<$'location = "nowhere"\npassword-fil = "/x"'
refused 78 'wrong.toml:1' init wrong
assert_says "$(cat "$stage/said")" 'wrong.toml:2'
refused 78 'there is no repository "gone"' init gone
refused 64 NAME init
nas <<<'location = "/srv/cut/disk/nas"'
refused 1 'the directory /srv/cut/disk is not there (is its disk mounted?)' init nas
nas <<<$'location = "rest:http://alice:canary@127.0.0.1:9/"\nanswer-timeout = 10'
refused 1 'nothing listens there' init nas
! grep canary "$stage/said" || fail 'the password of the address was shown'
nothing_is_made 'a wrong place'

# cut by a power failure before the working key was written, or while it was: an empty file of that name, and half a one, are in nobody's way
mkdir --parents --mode 0700 /etc/credstore.encrypted
install -m 0600 /dev/null $sealed.new
install -m 0600 /dev/stdin $sealed.new~ <<<half
nas <<<'location = "/srv/cut/nas"'
init nas 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
[ -e $sealed ] && [ ! -e $sealed.new ] && [ ! -e $sealed.new~ ] && [ "$(recovery_keys $sealed)" = 1 ] || fail 'the init after it has not put it right'
rm -r $sealed /srv/cut/nas /var/lib/igotchuu/repositories/nas.json

# the program that takes the key goes before it has shown it: the key goes, too, and no backup finds the working key
nas <<<'location = "/srv/cut/nas"'
! $exec init nas </dev/null 2>"$stage/said" | cat >/dev/null || fail 'a key that nobody has shown was kept'
assert_says "$(cat "$stage/said")" 'was not shown to anybody'
[ ! -e $sealed ] && [ -e $sealed.new ] || fail 'the working key is in its place, and nobody has a recovery key'
[ "$(recovery_keys $sealed.new)" = 0 ] || fail 'the recovery key that nobody has is still there'

# killed at that moment, it can take nothing back; the next one does, and goes on with the same repository
id=$(RESTIC_PASSWORD=$(systemd-creds decrypt --name=cut-nas $sealed.new -) restic --no-cache --repo /srv/cut/nas cat config | jq .id)
mkfifo "$stage/answers" "$stage/lines"
$exec init nas <"$stage/answers" >"$stage/lines" 2>/dev/null &
killed=$!
exec {answers}>"$stage/answers" {lines}<"$stage/lines"
read -r line <&$lines
[ "$(jq --raw-output .message <<<"$line")" = recovery-key ] || fail "$line"
kill -KILL $killed
wait $killed || true
exec {answers}>&- {lines}<&-
[ ! -e $sealed ] && [ "$(recovery_keys $sealed.new)" = 1 ] || fail 'this tests nothing'
init nas 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
key=$(jq --raw-output .key <<<"$line")
! RESTIC_PASSWORD=$key restic --no-cache --repo /srv/cut/nas cat config >/dev/null 2>&1 || fail 'the key that nobody has seen opens it still'
[ -e $sealed ] && [ ! -e $sealed.new ] && [ "$(recovery_keys $sealed)" = 1 ] || fail 'the init after it has not put it right'
[ "$(RESTIC_PASSWORD=$(systemd-creds decrypt --name=cut-nas $sealed -) restic --no-cache --repo /srv/cut/nas cat config | jq .id)" = "$id" ] || fail 'it is another repository'

# a repository that is not ours to open, or no longer whole, is left as it is
before=$(find /srv/cut/nas -type f -exec sha256sum {} + | sort)
mv $sealed /srv/cut/sealed
refused 1 'its password is not there' init nas
install -m 0600 /dev/stdin /etc/credstore/cut-nas <<<other
refused 1 'the credential cut-nas is wrong' init nas
rm /etc/credstore/cut-nas
mv /srv/cut/sealed $sealed
[ "$(find /srv/cut/nas -type f -exec sha256sum {} + | sort)" = "$before" ] || fail 'the repository has changed'
mv /srv/cut/nas/config /srv/cut/config
refused 1 'its file config is missing' init nas
mv /srv/cut/config /srv/cut/nas/config
[ "$(find /srv/cut/nas -type f -exec sha256sum {} + | sort)" = "$before" ] || fail 'the damaged repository has changed'

# where nothing can seal, the key is a plain file, and that is said; where it must be sealed, there is none
mount -t tmpfs tmpfs /var/lib/systemd
repository plain <<<$'location = "/srv/cut/plain"\npassword-credential = "cut-plain"'
init plain 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
assert_says "$(cat "$stage/said")" 'Nothing can seal the working key'
[ "$(stat --format=%a:%u /etc/credstore/cut-plain)" = 600:0 ] || fail 'the plain key can be read by others'
RESTIC_PASSWORD=$(cat /etc/credstore/cut-plain) restic --no-cache --repo /srv/cut/plain cat config >/dev/null || fail 'the plain key does not open it'
repository must <<<$'location = "/srv/cut/must"\npassword-credential = "cut-must"\nload-credential-encrypted = ["cut-must:/etc/cut/must"]'
refused 1 'cannot make /etc/cut/must, which is to be sealed' init must
umount /var/lib/systemd
init must 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
[ -n "$(systemd-creds decrypt --name=cut-must /etc/cut/must -)" ] || fail 'it is not sealed where load-credential-encrypted says'

# a password file: made for root alone, in a directory that is root's alone, and never over one that is there; on a disk that belongs to somebody, as that user
install -d -o 1000 -g 1000 /srv/cut/disk
repository disk <<<$'location = "/srv/cut/disk/nas"\npassword-file = "/etc/cut/open/disk"'
install -d -m 0777 /etc/cut/open
refused 1 'has to be root' init disk
chmod 0755 /etc/cut/open
init disk 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
[ "$(stat --format=%a:%u /etc/cut/open/disk)" = 600:0 ] || fail 'the password file can be read by others'
[ -z "$(find /srv/cut/disk ! -uid 1000)" ] || fail "root's files are on a user's disk"
password=$(cat /etc/cut/open/disk)
init disk 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
[ "$(cat /etc/cut/open/disk)" = "$password" ] || fail 'the password file was written anew'

# a disk that is not mounted: nothing is made where it would be, neither the first time, as fstab(5) knows, nor where it was before, as the record does
truncate --size 100M "$stage/drawer.ext4"
mkfs.ext4 -q -F "$stage/drawer.ext4"
mkdir /srv/cut/drawer
repository drawer <<<$'location = "/srv/cut/drawer/restic"\npassword-credential = "cut-drawer"'
echo "$stage/drawer.ext4 /srv/cut/drawer ext4 loop,noauto 0 0" >>/etc/fstab
refused 1 'nothing is mounted on /srv/cut/drawer, as fstab(5) has it; first: mount /srv/cut/drawer' init drawer
mount /srv/cut/drawer
init drawer 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
umount /srv/cut/drawer
sed --in-place '\:/srv/cut/drawer:d' /etc/fstab
before=$(cat /var/lib/igotchuu/repositories/drawer.json)
refused 1 'the repository drawer was there before, and now there is none at /srv/cut/drawer/restic: is its disk mounted?' init drawer
[ -z "$(find /srv/cut/drawer -mindepth 1)" ] || fail 'a repository was made in the place of a disk'
[ "$(cat /var/lib/igotchuu/repositories/drawer.json)" = "$before" ] || fail 'the record of the repository has changed'
