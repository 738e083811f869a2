#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Of a name that is no UTF-8 restic lists U+FFFD for each such byte, so that several may be listed alike. Whatever looks for one of them tells of the others, restore
# puts none in another's place, and the contents of one are compared all the same.
. "$(dirname "$0")/stage.sh"

exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>"$stage/errors" || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said" "$stage/errors")"; }
is() { local got; got=$(jq --raw-output "$1" "$stage/said"); [ "$got" = "$2" ] || fail "$1 is $got, not $2: $(cut --characters=1-3000 "$stage/said")"; }
tells_of() { assert_says "$(cat "$stage/errors")" "r: $1 names are listed as $2"; }
tells_nothing() { [ ! -s "$stage/errors" ] || fail "it tells of something: $(cat "$stage/errors")"; }
back_up() { next_second; systemctl start igotchuu@home; assert_outcome home success; }

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
cheap_repository r
job home <<<$'sources = ["/srv/home"]\nrepositories = ["r"]'
reload
docs=/srv/home/docs
mkdir -p $docs/$'d\xe8' $docs/$'d\xe9' $docs/$'only\xff'
echo plain >$docs/plain
printf one >$docs/$'b\xe8'
printf two >$docs/$'b\xe9'
echo in >$docs/$'d\xe8/a'
echo in >$docs/$'d\xe9/b'
printf x >$docs/$'cut\xe2\x82'
printf v1 >$docs/$'only\xff/f\xfe'
touch --date '2020-01-01' $docs/b? $docs/only?/*
back_up
touch --date '2020-01-02' $docs/only?/* # the same contents
back_up
printf v2 >$docs/$'only\xff/f\xfe' # of the size and the time that it had
touch --date '2020-01-02' $docs/only?/*
back_up

echo '- versions: contents are compared, also below a directory whose name is no UTF-8'
for name in $'only\xff/f\xfe' 'only�/f�'; do
    exits 0 igotchuu versions "$docs/$name" --json
    tells_nothing
    is '[.versions[].snapshots | length] | join(" ")' '1 2'
    is '.not_compared | length' 0
    is '.versions[0].restore | sub("[0-9a-f]{64}"; "ID")' "igotchuu restore home --snapshot ID $docs --to DIR"
done
exits 0 igotchuu versions $docs/$'cut\xe2\x82' --json
is '.path + " " + (.versions | length | tostring)' "$docs/cut�� 1"

echo '- versions, find, ls: of several that are listed alike all are told of'
exits 0 igotchuu versions $docs/$'b\xe8' --json
tells_of 2 "$docs/b�"
is '.versions | length' 2
is '.alike[0] | .path + " " + (.names | tostring)' "$docs/b� 2"
exits 0 igotchuu find home $'[bd]?' --json
tells_of 2 "$docs/b�"
tells_of 2 "$docs/d�"
is '[.found[] | .path + " " + (.snapshots | length | tostring)] | join(" ")' "$docs/b� 3 $docs/d� 3"
exits 0 igotchuu find home $'f\xfe' --json
tells_nothing
is '.found[].path' "$docs/only�/f�"
for recursive in '' --recursive; do
    exits 0 igotchuu ls home $docs/$'d\xe9' --json $recursive
    tells_of 2 "$docs/d�"
    is '[.entries[] | select(.type == "file").path] | join(" ")' "$docs/d�/a $docs/d�/b"
done
exits 0 igotchuu ls home $docs/$'only\xff/f\xfe' --json
tells_nothing
is '[.entries[].path] | join(" ")' "$docs/only�/f�"

echo '- restore: none comes into the place of another; with the directory that they are in all come'
exits 64 igotchuu restore home $docs/$'b\xe8' --yes
exits 1 igotchuu restore home "$docs/b�" --yes
rm $docs/$'b\xe8' $docs/plain
exits 3 igotchuu restore home $docs --yes
[ -e $docs/plain ] || fail 'what can be told apart has not come'
[ "$(cat $docs/$'b\xe9')" = two ] || fail 'another one is in its place'
[ ! -e $docs/$'b\xe8' ] || [ "$(cat $docs/$'b\xe8')" = one ] || fail 'another one is in its place'
grep --quiet --fixed-strings "$docs/b�" "$stage/said" "$stage/errors" || fail "nothing is said of it: $(cat "$stage/said" "$stage/errors")"
exits 0 igotchuu restore home $docs --to /srv/back --yes
[ "$(cat /srv/back/docs/$'b\xe8' /srv/back/docs/$'b\xe9')" = onetwo ] || fail "not both have come: $(ls /srv/back/docs)"
rm -r /srv/back

echo '- restore: whose data is damaged is not restored, also where it is listed like others'
rm -r $docs
mkdir -p $docs/$'d\xe8' $docs/$'d\xe9'
head --bytes 9M /dev/urandom >$docs/sound # of which some part is one of the others', too
cp $docs/sound "$stage/sound"
cp $docs/sound $docs/$'d\xe8/sound'
back_up
touch "$stage/before"
for name in $'b\xe8' $'b\xe9' $'d\xe8/a' $'d\xe9/b'; do { cat "$stage/sound"; head --bytes 3M /dev/urandom; } >"$docs/$name"; done
back_up
find /srv/cheap/r/data -type f -newer "$stage/before" -size +500k | while IFS= read -r pack; do
    chmod u+w "$pack"
    for ((at = 100000; at < $(stat --format %s "$pack") - 100000; at += 200000)); do printf X | dd of="$pack" bs=1 seek=$at conv=notrunc status=none; done
done
rm -r $docs
exits 3 igotchuu restore home $docs --yes
for path in "$docs/b�" "$docs/d�/a" "$docs/d�/b"; do assert_says "$(cat "$stage/said")" "$path"; done
[ -z "$(find $docs -type f -size +0 ! -name sound)" ] || fail "a file came back that is not what it was: $(ls -lAR $docs)"
cmp "$stage/sound" $docs/sound && cmp "$stage/sound" $docs/$'d\xe8/sound' || fail "what is sound has not come: $(ls -lAR $docs)"
[ -z "$(find /srv/home -name '.igotchuu-restore*')" ] || fail 'something is left behind'
