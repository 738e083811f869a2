#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ls, find, diff and versions tell the truth of a file that changed, came and went, in two repositories; of odd names; and of what cannot be looked into.
. "$(dirname "$0")/stage.sh"

exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>"$stage/errors" || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said" "$stage/errors")"; }
one_line() { exits "$1" "${@:3}"; [ "$(wc --lines <"$stage/errors")" = 1 ] || fail "$3 $4 says: $(cat "$stage/errors")"; assert_says "$(cat "$stage/errors")" "$2"; }
is() { local got; got=$(jq --raw-output "$1" "$stage/said"); [ "$got" = "$2" ] || fail "$1 is $got, not $2: $(cut --characters=1-3000 "$stage/said")"; }
back_up() { next_second; systemctl start igotchuu@home; assert_outcome home success; }

getent passwd 1000 >/dev/null || useradd --uid 1000 alice # to whom much of the source belongs: restore goes by the name
new_btrfs /mnt/top
new_source /mnt/top home /srv/home
cheap_repository near
cheap_repository far
job home <<<$'sources = ["/srv/home"]\nrepositories = ["near", "far"]'
reload

one_line 1 'there is no snapshot yet' igotchuu ls home
fill /srv/home few
alice=/srv/home/alice
echo one >$alice/thesis
back_up
first=$(newest home) first_at=$(date '+%F %T')
echo two >$alice/thesis # as long, of another time
touch --date '2020-01-01' $alice/thesis
back_up
mv /etc/igotchuu/repositories/far.toml /etc/igotchuu/far && repository far <<<$'location = "/srv/nowhere"\npassword-file = "/etc/igotchuu/far.key"'
job home <<<$'sources = ["/srv/home"]\nrepositories = ["near"]' && reload
touch $alice/thesis # the same contents
chmod 0600 $alice/thesis
back_up
mv /etc/igotchuu/far /etc/igotchuu/repositories/far.toml
job home <<<$'sources = ["/srv/home"]\nrepositories = ["near", "far"]' && reload
rm $alice/thesis
mkdir $alice/notes && echo x >$alice/notes/a
ln -sf /dev/null "$alice/soft link"
back_up

echo '- ls: as ls -l does, of the newest, of one, of a time'
exits 0 igotchuu ls home $alice
! grep --quiet thesis "$stage/said" || fail 'it is listed, and gone'
grep --quiet --extended-regexp '^-rws[r-].* suid$' "$stage/said" || fail "no set-user-ID: $(cat "$stage/said")"
grep --quiet --extended-regexp '^lrwxrwxrwx .* soft link -> /dev/null$' "$stage/said" || fail 'no target'
grep --quiet --extended-regexp '^-rw-.* +6 2001-02-03 04:05:06 note.txt$' "$stage/said" || fail 'no size and time'
grep --quiet --extended-regexp '^prw.* fifo$' "$stage/said" || fail 'no FIFO'
grep --quiet --fixed-strings 'new\x0aline' "$stage/said" || fail "the name with a newline is: $(grep new "$stage/said")"
! grep --quiet --perl-regexp '[\x00-\x08\x0b-\x1f\x7f]' "$stage/said" || fail 'a control character in a pipe'
[ "$(wc --lines <"$stage/said")" = "$(find $alice -mindepth 1 -maxdepth 1 -printf x | wc --chars)" ] || fail 'not all are listed'
for which in "--snapshot=${first:0:10}" "--at=$first_at" "--at=${first_at% *}T${first_at#* }"; do
    exits 0 igotchuu ls home "$alice/thesis" "$which" --json
    is '.snapshot.id' "$first"
    is '.entries | length' 1
    is '.entries[0] | .path + " " + .type + " " + (.size | tostring)' "$alice/thesis file 4"
done
exits 0 igotchuu ls "$alice" --recursive --json # the path tells the job
is '[.entries[].path] | sort | join("|")' "$(find $alice -mindepth 1 -printf '%p|' | sed 's/\xe9/\xef\xbf\xbd/' | jq --raw-input --slurp --raw-output 'rtrimstr("|") | split("|") | sort | join("|")' | sed 's/|\n*$//')"
exits 0 igotchuu ls home
grep --quiet ' alice$' "$stage/said" || fail 'without a path it is not the source'

echo '- find: each path once, with the snapshots that it is in'
exits 0 igotchuu find home thesis 'note*' --json
is '[.found[].path] | join(" ")' "$alice/note.txt $alice/notes $alice/thesis"
is '.found[] | select(.path | endswith("thesis")) | .snapshots | map(.repository) | sort | join(" ")' 'far far near near near'
is '.found[] | select(.path | endswith("note.txt")) | .snapshots | length' 7
exits 0 igotchuu find home '*.img'
grep --quiet --extended-regexp "^[0-9a-f]{8} .* 4 +64\.0 MiB +$alice/sparse.img$" "$stage/said" || fail "it shows: $(cat "$stage/said")"
exits 0 igotchuu find home '[ab]' --json # all of the word in brackets
is '[.found[].path] | join(" ")' "$alice/notes/a"
exits 0 igotchuu find --repository far '*.img' --json
is '.found[0].snapshots | length' 3
exits 0 igotchuu find home '*.txt' $alice --json # as find(1) has them the other way round: what is in the directory is no less a *.txt
is '[.found[].path] | join("|")' "$alice|$alice/hard link.txt|$alice/note.txt"
one_line 1 'nothing like that is in any of 7 snapshots' igotchuu find home nothing.like.that

echo '- versions: two contents, though three times of change; each with where it is'
exits 0 igotchuu versions "$alice/thesis" --json
is '.versions | length' 2
is '.versions[0].snapshots | map(.repository) | sort | join(" ")' 'far near near'
is '.versions[0].modified | length' 2
is '.versions[1].snapshots | map(.repository) | sort | join(" ")' 'far near'
is '.versions[1].snapshots | map(.id) | any(. == "'"$first"'")' true
is '.versions[1].restore' "igotchuu restore home --as $(stat --format=%U "$alice") --snapshot $(jq --raw-output '.versions[1].snapshots[0].id' "$stage/said") $alice/thesis"
exits 0 igotchuu versions home "$alice/thesis"
assert_says "$(cat "$stage/said")" "igotchuu restore home --as $(stat --format=%U "$alice") --snapshot SNAPSHOT $alice/thesis"
[ "$(grep --count --extended-regexp '^4 B +2' "$stage/said")" = 2 ] || fail "it shows: $(cat "$stage/said")"
for name in $'new\nline' $'latin-1 caf\xe9' ' leading and trailing ' --option '[brackets] *? $HOME %h \x2d "quoted" ü 🦀'; do
    exits 0 igotchuu versions "$alice/$name" --json
    is '.versions | length' 1
    is '.versions[0].snapshots | length' 7
done
one_line 1 'none of 7 snapshots has /srv/home/nothing' igotchuu versions /srv/home/nothing

echo '- diff: the last two; two by their ids; one path'
exits 0 igotchuu diff home
grep --quiet --fixed-strings --line-regexp -- "- $alice/thesis" "$stage/said" || fail "it shows: $(cat "$stage/said")"
grep --quiet --fixed-strings --line-regexp "+ $alice/notes/a" "$stage/said" || fail 'nothing is new'
grep --quiet '^1 file new and 1 directory, 1 file gone, ' "$stage/said" || fail "it sums up: $(tail -1 "$stage/said")"
exits 0 igotchuu diff home "${first:0:8}" latest $alice/notes --json
is '[.changes[] | .kind + .path] | sort | join(" ")' "+$alice/notes/ +$alice/notes/a"
is '.summary.added | [.files, .directories, .others, .bytes] | map(tostring) | join(" ")' '1 1 null null' # by their names: nobody has counted bytes
exits 0 igotchuu diff home "${first:0:8}" latest $alice/notes
[ "$(tail -1 "$stage/said")" = '1 file new and 1 directory, 0 files gone, 0 files changed' ] || fail "it sums up: $(tail -1 "$stage/said")"
exits 0 igotchuu diff home --json
is '.summary | [.added.bytes, .removed.bytes, .added.others, .removed.others] | all(type == "number")' true
exits 0 igotchuu diff $alice/thesis "${first:0:8}" "$(on_near() { restic --quiet --no-cache --repo /srv/cheap/near --password-file /etc/igotchuu/near.key "$@"; }; on_near snapshots --json | jq --raw-output 'sort_by(.time)[1].id')" --json
is '[.changes[] | .kind + .path] | join(" ")' "M$alice/thesis"

echo '- what is wrong is one line, with the nearest that there is'
one_line 1 "did you mean $alice/note.txt?" igotchuu ls home $alice/not.txt
one_line 1 'there is no snapshot ffffffffff' igotchuu ls home --snapshot ffffffffff
one_line 1 'the oldest is of' igotchuu ls home --at 2001-01-01
one_line 64 '"teatime" is no time' igotchuu ls home --at teatime
one_line 64 'leave one of them out' igotchuu ls home --at now --snapshot latest
one_line 64 'did you mean "home"?' igotchuu ls hme
one_line 64 '--password-file is for a repository of which nothing is configured here' igotchuu ls home --password-file /dev/null
one_line 64 'no job backs up /proc/self' igotchuu versions /proc/self
one_line 64 'of which file?' igotchuu versions home
one_line 1 'would be compared with itself' igotchuu diff home latest
one_line 64 'Name it (home), or a repository' igotchuu snapshots
one_line 64 "Name it before the pattern (home): igotchuu find JOB '*.odt'" igotchuu find '*.odt'
cd /srv/home
one_line 64 'for the path in this directory: ./alice' igotchuu ls alice
cd - >/dev/null
one_line 64 'is no snapshot' igotchuu diff home ../home thesis
user bob
one_line 1 'only root may' runuser --user bob -- igotchuu versions home "$alice/thesis"

echo '- one repository is away: that is said, and the other answers'
mv /srv/cheap/near /srv/cheap/away
exits 3 igotchuu versions home "$alice/thesis"
grep --quiet '^igotchuu: near: ' "$stage/errors" || fail "of the one that is away it says: $(cat "$stage/errors")"
[ "$(grep --count --extended-regexp '^4 B +2' "$stage/said")" = 2 ] || fail "it shows: $(cat "$stage/said")"
exits 3 igotchuu find home thesis --json
is '.troubles[0].repository' near
mv /srv/cheap/far /srv/cheap/off
exits 1 igotchuu ls home
mv /srv/cheap/away /srv/cheap/near
mv /srv/cheap/off /srv/cheap/far
