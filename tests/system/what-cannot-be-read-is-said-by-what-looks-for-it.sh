#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic passes over a directory of a snapshot that it cannot read, and calls that a success: find, ls and versions show what is there, say that it is not all, and
# do not exit with 0; audit takes nothing that may be there for left out.
. "$(dirname "$0")/stage.sh"

exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>"$stage/errors" || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said" "$stage/errors")"; }
is() { local got; got=$(jq --raw-output "$1" "$stage/said"); [ "$got" = "$2" ] || fail "$1 is $got, not $2: $(cut --characters=1-3000 "$stage/said")"; }
says_damaged() { assert_says "$(cat "$stage/errors")" 'cannot be read'; assert_says "$(cat "$stage/errors")" 'damaged'; }
back_up() { next_second; systemctl start igotchuu@home; assert_outcome home success; }
# pack_of TREE: the file in the repository that has it.
pack_of() { on_r find --tree --show-pack-id "$1" | sed --quiet 's/.*pack \([0-9a-f]\{64\}\).*/\1/p' | head --lines=1; }

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
mkdir -p /srv/home/{a,still,z}
echo x | tee /srv/home/{a,still,z}/note >/srv/home/top
cheap_repository r
job home <<<$'sources = ["/srv/home"]\nrepositories = ["r"]'
reload
back_up
echo more | tee /srv/home/{a,z}/note >/dev/null
back_up
newest=$(newest home)
pack=$(pack_of "$(on_r cat tree "$newest:/srv/home" | jq --raw-output '.nodes[] | select(.name == "still").subtree')")
[ -n "$pack" ] || fail 'no pack has the tree'

# The older snapshot cannot be read at all then, and of the newer one the directory that has not changed.
for damage in lost flipped; do
    echo "- the trees of the first backup are $damage"
    rm -rf /var/cache/igotchuu/*
    case $damage in
    lost) mv "/srv/cheap/r/data/${pack:0:2}/$pack" "$stage/pack" ;;
    flipped)
        tr '\0-\377' '\1-\377\0' <"$stage/pack" >"/srv/cheap/r/data/${pack:0:2}/$pack"
        ;;
    esac
    exits 3 igotchuu find home note --json
    says_damaged
    is '[.found[].path] | join(" ")' '/srv/home/a/note /srv/home/z/note'
    is '.troubles[0].repository' r
    exits 3 igotchuu find home nothing.like.that
    says_damaged
    exits 3 igotchuu versions /srv/home/z/note --json
    says_damaged
    is '.versions | length' 1
    exits 3 igotchuu ls home --recursive --json
    says_damaged
    is '[.entries[].path] | join(" ")' '/srv/home/a /srv/home/a/note /srv/home/top /srv/home/z /srv/home/z/note'
    exits 1 igotchuu ls home /srv/home/still
    exits 1 igotchuu audit home
    says_damaged
    [ ! -s "$stage/said" ] || fail "it shows as left out what may be there: $(cat "$stage/said")"
    exits 1 igotchuu diff home
    exits 0 igotchuu ls home /srv/home/a # what can be read
done
