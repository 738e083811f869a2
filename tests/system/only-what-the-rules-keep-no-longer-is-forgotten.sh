#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# After a good run the job's own old snapshots go, whatever the host was called, and nobody else's: not another job's, not those of a job of the same
# name on another machine, not what a person made. It costs one start of restic, one more when something goes, and never prunes.
. "$(dirname "$0")/stage.sh"

journalctl --quiet --lines 0 --cursor-file="$stage/cursor" # the test before may have ended in the same second
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo first >/srv/d/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep = { last = 2 }'
job e <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
job f <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 1'
reload

systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .restic_starts)" = 2 ] || fail "with nothing to forget restic was started $(last d .restic_starts) times"
[ "$(last d '.repositories[0].retention | [.kept, .planned, .removed, .hold] | join(" ")')" = '1 0 0 none' ] ||
    fail "recorded: $(last d .repositories[0].retention)"
first=$(last d .repositories[0].summary.snapshot_id)

systemctl start igotchuu@e
[ "$(last e .restic_starts)" = 1 ] || fail 'a job without rules looks for what to forget'
printf '%032x\n' 7 >"$stage/machine-id"
mount --bind "$stage/machine-id" /etc/machine-id
for number in 1 2; do
    echo "elsewhere $number" >/srv/d/file
    next_second
    /usr/libexec/igotchuu-exec backup d 2>/dev/null
done
umount /etc/machine-id
own=$(on_r snapshots --json "$first" | jq --raw-output '.[0].tags | join(" --tag ")')
machine=${own##*igotchuu-machine=}
[[ $machine =~ ^[0-9a-f]{32}$ && $machine != "$(cat /etc/machine-id)" ]] || fail "the machine's tag is $machine"
for number in 1 2; do
    on_r backup /srv/d --time "2020-01-0$number 00:00:00"
    on_r backup /srv/d --time "2020-01-0$number 00:00:00" --tag igotchuu-job=d
    on_r backup /srv/d --time "2020-01-0$number 00:00:00" --tag "igotchuu-machine=$machine"
    on_r backup /srv/d --time "2020-01-0$number 00:00:00" --tag igotchuu-job=d,igotchuu-machine=0000
done
on_r snapshots --json | jq --raw-output '.[].id' | grep --invert-match "$first" | sort >"$stage/others"
[ "$(wc --lines <"$stage/others")" = 11 ] || fail 'the others are not there'
packs() { find /srv/cheap/r/data -type f | sort; }
packs >"$stage/packs"

for number in 2 3 4; do
    echo "$number" >/srv/d/file
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
done
[ "$(last d .restic_starts)" = 3 ] || fail "with something to forget restic was started $(last d .restic_starts) times"
[ "$(last d '.repositories[0].retention | [.kept, .planned, .removed, .hold] | join(" ")')" = '2 1 1 none' ] ||
    fail "recorded: $(last d .repositories[0].retention)"
own() { on_r snapshots --json --tag "igotchuu-job=$1,igotchuu-machine=$machine" | jq --raw-output '.[].id'; }
[ "$(own d | wc --lines)" = 2 ] || fail "of the job's own are left: $(own d)"
own d | grep --quiet "$(last d .repositories[0].summary.snapshot_id)" || fail 'the newest is not among them'
diff "$stage/others" <({ on_r snapshots --json | jq --raw-output '.[].id'; } | grep --invert-match --file <(own d) | sort) >&2 || fail 'another one went, too'
[ -z "$(comm -23 "$stage/packs" <(packs))" ] || fail 'something was pruned'
journal_of igotchuu@d | grep --quiet 'Removed 1 old snapshot of d from r; 2 stay' || fail 'the journal does not say it'
assert_says "$(journal_of igotchuu@d | grep complete | tail -n 1)" ', 1 old snapshot removed'
[ "$(journalctl --output json --cursor-file="$stage/cursor" MESSAGE_ID=3b6473f2bf13443db07a1ddaf529ccbf | wc --lines)" = 2 ] || fail 'it has no message id'

host=$(uname -n)
for name in h1 h2 h3; do
    hostname $name
    next_second
    systemctl start igotchuu@f
    assert_outcome f success
    [ "$(last f .repositories[0].summary.files_unmodified)" = 1 ] || [ $name = h1 ] || fail "as $name it did not find its parent"
done
hostname "$host"
[ "$(on_r snapshots --json --tag igotchuu-job=f | jq --raw-output '[.[].hostname] | join(" ")')" = h3 ] || fail 'the name of the host matters'

said=$(igotchuu retention --explain d)
assert_says "$said" 'r: 2 snapshots, 0 to remove'
assert_says "$said" 'stays: last snapshot'
assert_says "$(/usr/libexec/igotchuu-exec retention e)" 'no key keep: nothing is ever forgotten'
sed --in-place 's/^keep.*/keep.last = 3/' /etc/igotchuu/jobs/d.toml
reload
next_second
systemctl start igotchuu@d
sed --in-place 's/^keep.*/keep = { last = 1, yearly = 3 }/' /etc/igotchuu/jobs/d.toml # restic keeps the oldest, too, while there are places
reload
said=$(igotchuu retention --explain d)
kept=$(last d .repositories[0].summary.snapshot_id)
assert_says "$said" "goes: last = 1: 1 newer one stays for it; yearly = 3: ${kept:0:8} stays for that year"
plan() { igotchuu retention --json d | jq --raw-output "$1"; }
[ "$(plan '[.schema, .name, .has_rules, (.repositories | length), .repositories[0].repository, .repositories[0].hold, .repositories[0].why] | map(tostring) | join(" ")')" = '1 d true 1 r none ' ] ||
    fail "as JSON: $(plan .)"
[ "$(plan '.repositories[0].stay[0].id')" = "$kept" ] || fail "what stays, as JSON: $(plan .repositories[0].stay)"
[ "$(plan '.repositories[0] | .stay + .go | sort_by(-.time_usec) | .[].id')" = "$(on_r snapshots --json --tag "igotchuu-job=d,igotchuu-machine=$machine" | jq --raw-output 'sort_by(.time) | reverse | .[].id')" ] ||
    fail "as JSON: $(plan .)"
assert_says "$(plan '.repositories[0].go[].why')" "last = 1: 1 newer one stays for it; yearly = 3: ${kept:0:8} stays for that year"
[ "$(igotchuu retention --json e)" = '{"schema":1,"name":"e","has_rules":false,"repositories":[]}' ] || fail "without rules: $(igotchuu retention --json e)"
for other in --explain --confirm; do
    ! igotchuu retention --json $other d 2>/dev/null || fail "JSON and $other"
    ! /usr/libexec/igotchuu-exec retention d $other --json 2>/dev/null || fail "JSON and $other"
done
mv /srv/cheap/r /srv/cheap/away
if said=$(igotchuu retention --json d 2>/dev/null); then fail 'a repository that is not there is no failure'; fi
mv /srv/cheap/away /srv/cheap/r
[ "$(jq '.repositories[0] | .hold == null and .why != ""' <<<"$said")" = true ] || fail "it does not say why there is no plan: $said"
user ada
! runuser --user ada -- igotchuu retention d 2>"$stage/said" || fail 'who is not root looks into the repository'
assert_says "$(cat "$stage/said")" 'only root may'
! igotchuu retention --explain --confirm d 2>/dev/null || fail 'one cannot look and do at once'
echo 'maintenance = false' >>/etc/igotchuu/repositories/r.toml
reload
[ "$(plan '.repositories[0].why')" = 'nothing is ever removed from here (maintenance = false in /etc/igotchuu/repositories/r.toml)' ] || fail "as JSON: $(plan .)"
before=$(on_r snapshots --json | jq length)
assert_says "$(igotchuu retention --confirm d)" 'r: nothing is ever removed from here (maintenance = false in /etc/igotchuu/repositories/r.toml)'
[ "$(on_r snapshots --json | jq length)" = "$before" ] || fail 'something is removed by hand from where nothing is to be'
