#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# When the newest backup is like none before, or more would go than usual, nothing is removed: the run is a success that says so, and why; a person
# sees what would go, and may confirm it. What is lost and comes back heals by itself; what was changed waits for the person.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/e
for number in {1..20}; do
    head --bytes 200000 /dev/urandom >"/srv/d/$number"
done
echo x >/srv/e/x
cheap_repository r
job d <<<$'sources = ["/srv/d", "/srv/e"]\nrepositories = ["r"]\nkeep.last = 1'
reload
exec=/usr/libexec/igotchuu-exec

retention() { last d ".repositories[0].retention.$1"; }
snapshots() { on_r snapshots --json | jq length; }
back_up() { next_second && systemctl start igotchuu@d && assert_outcome d success; }
assert_free() { # nothing is held, and one is left
    back_up
    [ "$(retention hold)" = none ] || fail "$1: it is held: $(retention why)"
    [ "$(snapshots)" = 1 ] || fail "$1: $(snapshots) are left"
    ! $exec retention d | grep '^held: ' || fail "$1: by hand what the run has removed itself is called lost"
}
assert_held() { # WHAT HOLD WORDS
    local before
    before=$(snapshots)
    back_up
    [ "$(retention hold)" = "$2" ] || fail "$1: $(retention hold), not $2: $(retention why)"
    assert_says "$(retention why)" "$3"
    [ "$(retention removed)" = 0 ] || fail "$1: something went"
    [ "$(snapshots)" = $((before + 1)) ] || fail "$1: $(snapshots) of $before are left"
    assert_says "$(journal_of igotchuu@d | grep complete | tail -n 1)" 'old snapshots are held ('
    [ "$(journalctl --quiet --output json MESSAGE_ID=53ac387e8275487c81332501017bbf6f | jq --raw-output .IGOTCHUU_HOLD | tail -n 1)" = "$2" ] ||
        fail "$1: the journal does not say it"
    assert_says "$($exec retention d)" "held: $(retention why)"
    assert_says "$($exec retention d)" "$before to remove"
    assert_says "$($exec retention d)" 'to have them removed all the same: igotchuu retention --confirm d'
    assert_said_everywhere "$2" "$before"
}
on_bus() { busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 LastRetention; }
assert_said_everywhere() { # HOLD PLANNED
    local said
    said=$(igotchuu status d) && fail "held, and status is content: $said"
    assert_says "$said" "d: no old snapshot is removed from r: $(retention why); $2 would go (to look: igotchuu retention d; to have them removed: igotchuu retention --confirm d)"
    said=$(runuser --user ada -- igotchuu status d) && fail "status of a user is content: $said"
    assert_says "$said" "d: no old snapshot is removed from r: $1; $2 would go"
    assert_says "$(igotchuu repository status r)" "old snapshots of d: $(retention why); $2 would go"
    assert_says "$(on_bus)" "a(ssttt) 1 \"r\" \"$1\" 1 $2 0"
}
confirm() {
    local removed=$1
    assert_says "$(igotchuu retention --confirm d)" "$1 removed"
    [ "$(snapshots)" = 1 ] || fail "confirmed, and $(snapshots) are left"
    [ "$(retention hold)" = none ] || fail 'the record does not know that it is confirmed'
    await 10 'the bus to say it' eval 'on_bus | grep --quiet "\"none\" 1 $removed $removed"'
    igotchuu status d >/dev/null || fail 'confirmed, and status is not content'
}

user ada
for number in 1 2 3 4 5; do
    echo "$number" >/srv/d/1
    assert_free "run $number"
done

mkdir "$stage/d"
mv /srv/d/{1?,20} "$stage/d"
assert_held 'shrunk' shrunk 'the backup has only 10 files'
assert_held 'shrunk as yesterday' shrunk 'the backup has only 10 files'
mv "$stage/d/"* /srv/d
assert_free 'all is back'

on_r tag --add mine latest
assert_free 'the last one got a tag, and a new id with it'
on_r forget latest
assert_held 'somebody removed the last one' lost 'is not in the repository any more'
assert_free 'nobody removed one'

mv /srv/e/x "$stage/x"
assert_held 'emptied' empty 'there is no file in the source /srv/e any more'
mv "$stage/x" /srv/e
assert_free 'the file is back'

for number in {1..20}; do
    head --bytes 200000 /dev/urandom >"/srv/d/$number"
done
assert_held 'encrypted' rewritten '20 of 21 files are new or changed'
assert_held 'encrypted yesterday' rewritten '20 of 21 files are new or changed'
mv /srv/e/x "$stage/x"
assert_held 'emptied meanwhile' empty 'there is no file in the source /srv/e any more'
mv "$stage/x" /srv/e
assert_held 'still encrypted' rewritten '20 of 21 files are new or changed'
confirm 4
assert_free 'it was meant'

new_btrfs /mnt/other 200
cp /srv/e/x /mnt/other
umount /srv/e
mount --bind /mnt/other /srv/e
assert_held 'another disk' moved 'the source /srv/e is on another file system'
confirm 1
assert_free 'it was meant, too'

own=$(on_r snapshots --json | jq --raw-output '.[0].tags | join(",")')
for day in 1 2 3 4; do
    on_r backup /srv/e --tag "$own" --time "2020-01-0$day 00:00:00"
done
assert_held 'many at once' too-many '5 of 6 snapshots would go, and no more than 3'
confirm 5

on_r backup /srv/d /srv/e --tag "$own" --host twin
assert_held 'a twin' machines 'take turns'
assert_held 'a twin, as yesterday' machines 'take turns'
confirm 3

on_r backup /srv/e --tag "$own" --time '2040-01-01 00:00:00'
back_up
[ "$(retention hold)" = newest ] || fail "one of the future: $(retention hold)"
! $exec retention --confirm d 2>"$stage/said" || fail 'the newest can be removed'
assert_says "$(cat "$stage/said")" 'is of 2040-01-01, later than the last backup that is known'
[ "$(snapshots)" = 3 ] || fail 'something went'
on_r forget "$(on_r snapshots --json | jq --raw-output '.[] | select(.time | startswith("2040")) | .id')"
assert_free 'the future is gone'
