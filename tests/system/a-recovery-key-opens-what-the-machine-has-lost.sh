#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu repository init NAME makes a repository with two keys: one that is sealed for this machine, which the units use, and one for paper, which opens and restores
# when the sealed one is lost. It is shown once, seen nowhere else, and nagged about until somebody has shown to have it.
. "$(dirname "$0")/stage.sh"
here=$(realpath "$(dirname "$0")")
undo() { rm -rf /etc/credstore/two-* /etc/credstore.encrypted/two-* /srv/two; }

# init ARGUMENT…: as a person who prints it. What is shown is in $stage/shown, the rest in $stage/said.
init() { igotchuu repository init "$@" 2>"$stage/said" | cat >"$stage/shown" || fail "init $*: $(cat "$stage/said")"; }
shown_key() { sed -nE 's/^    (([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})$/\1/p' "$stage/shown"; }
opens() { RESTIC_PASSWORD=$1 restic --no-cache --repo /srv/two/nas cat config >/dev/null 2>&1; }
keys() { RESTIC_PASSWORD=$1 restic --no-cache --repo /srv/two/nas key list --json | jq --raw-output '.[].userName' | sort | paste --serial --delimiters ' '; }
status_says() { assert_says "$(igotchuu repository status nas)" "$1"; }
verify_says() { /usr/libexec/igotchuu-exec verify 2>&1 | grep --count 'recovery key of the repository nas' || true; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
mkdir -p /srv/two
repository nas <<<$'location = "/srv/two/nas"\npassword-credential = "two-nas"'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["nas"]'
reload
status_says 'none: igotchuu repository init nas adds one'
json_says() { # FILTER EXPECTED
    local said
    said=$(igotchuu repository status --json nas)
    [ "$(jq --compact-output ".repositories[0] | $1" <<<"$said")" = "$2" ] || fail "not $2: $said"
}
json_says '[.name, .location, .password.from, .recovery_key, .last_maintenance]' '["nas","/srv/two/nas","credential",null,null]'
! systemctl start igotchuu@d 2>/dev/null || fail 'a backup went to a repository that is not there'
systemctl reset-failed igotchuu@d

# all that processes of this machine show to others, while it is made
watch_processes() { while [ ! -e "$stage/enough" ]; do cat /proc/[0-9]*/{cmdline,environ} 2>/dev/null || true; done >"$stage/processes"; }
watch_processes &
watcher=$!
init nas
touch "$stage/enough"
wait $watcher
key=$(shown_key)
[ -n "$key" ] || fail "no recovery key is shown: $(cat "$stage/shown")"
sealed=/etc/credstore.encrypted/two-nas
[ "$(stat --format=%a:%u $sealed)" = 600:0 ] || fail "the sealed key is $(stat --format=%a:%u $sealed)"
[ ! -e /etc/credstore/two-nas ] && [ ! -e $sealed.new ] || fail 'the working key lies somewhere else, too'
working=$(systemd-creds decrypt --name=two-nas $sealed -)
[ "${#working}" = 64 ] || fail "the working key has ${#working} characters"
opens "$key" && opens "$working" || fail 'one of the two keys does not open the repository'
[ "$(keys "$key")" = 'igotchuu-recovery root' ] || fail "the keys are those of $(keys "$key")"
assert_says "$(cat "$stage/shown")" 'restic -r /srv/two/nas snapshots'
grep --quiet --text -- --user=igotchuu-recovery "$stage/processes" || fail 'no restic was seen: this tests nothing'
printf '%s\n' "$key" "$working" >"$stage/words"
! grep --text --file="$stage/words" "$stage/processes" || fail 'a process has shown a key'

# the sealed key is what a backup through systemd uses; neither key is seen anywhere afterwards
systemctl start igotchuu@d || fail "$(last d .message)"
assert_outcome d success
found=$("$here/find-words.py" "$stage/words" "$stage_began" 2>/dev/null)
[ -z "$found" ] || fail "$found"

# until it is confirmed that is said, in one line each, and a second init makes no second key
status_says 'not confirmed'
json_says '.recovery_key | [(.id | length), .confirmed_usec]' '[64,null]'
[ "$(verify_says)" = 1 ] || fail "verify says it $(verify_says) times"
systemctl start igotchuu-maintenance@nas
[ "$(journal_of igotchuu-maintenance@nas | grep --count 'is written down')" = 1 ] || fail 'the maintenance does not say it once'
! journal_of igotchuu@d | grep 'written down' || fail 'a backup says it'
said=$(igotchuu status d) && fail "nobody has the key, and status is content: $said"
assert_says "$said" 'd: nobody has confirmed that the recovery key of the repository nas is written down: igotchuu repository confirm nas'
assert_says "$said" 'warning: 1 of 1 job (d)'
init nas
assert_says "$(cat "$stage/shown")" 'It has a recovery'
[ -z "$(shown_key)" ] && [ "$(keys "$key")" = 'igotchuu-recovery root' ] || fail 'a second key was made'

# a new one takes its place, and only that one confirms
init --new-recovery-key nas
new=$(shown_key)
opens "$new" && ! opens "$key" || fail 'the new recovery key does not stand in the place of the old one'
[ "$(keys "$new")" = 'igotchuu-recovery root' ] || fail "the keys are those of $(keys "$new")"
confirm() { igotchuu repository confirm nas >"$stage/said" 2>&1; }
! confirm <<<"$key" || fail 'a key that was replaced is confirmed'
assert_says "$(cat "$stage/said")" 'does not open the repository'
! confirm <<<'AAAA' || fail 'four letters are confirmed'
assert_says "$(cat "$stage/said")" 'it has 4 characters'
status_says 'not confirmed'
tr -d - <<<"${new,,}" | confirm || fail "$(cat "$stage/said")"
status_says "confirmed $(date +%F)"
json_says '[.recovery_key.confirmed_usec > .recovery_key.made_usec, .last_maintenance.outcome, .damaged]' '[true,"success",false]'
[ "$(verify_says)" = 0 ] || fail 'verify says it still'
said=$(igotchuu status d) || fail "confirmed, and status is not content: $said"
systemctl start igotchuu-maintenance@nas
[ "$(journal_of igotchuu-maintenance@nas | grep --count 'is written down')" = 1 ] || fail 'a maintenance says it still'

# one that somebody has taken out of the repository is not called confirmed for longer than until a maintenance has looked
as_working() { RESTIC_PASSWORD=$working restic --quiet --no-cache --repo /srv/two/nas "$@"; }
record=/var/lib/igotchuu/repositories/nas.json
paper=$(jq --raw-output .recovery_key.id $record)
mv "/srv/two/nas/keys/$paper" "$stage/paper"
echo other >"$stage/other"
as_working key add --user igotchuu-recovery --new-password-file "$stage/other"
systemctl start igotchuu-maintenance@nas
assert_says "$(journal_of igotchuu-maintenance@nas)" 'does not open it any more, and another one is there: igotchuu repository confirm nas'
status_says 'not confirmed'
other=$(jq --raw-output .recovery_key.id $record)
[ "$other" != "$paper" ] && [ -e "/srv/two/nas/keys/$other" ] || fail "the record has the key $other"
as_working key remove "$other"
systemctl start igotchuu-maintenance@nas
assert_says "$(journal_of igotchuu-maintenance@nas)" 'does not open it any more, and there is no other: igotchuu repository init nas'
status_says 'none: igotchuu repository init nas adds one'
mv "$stage/paper" "/srv/two/nas/keys/$paper"
confirm <<<"$new" || fail "$(cat "$stage/said")"
systemctl start igotchuu-maintenance@nas
status_says "confirmed $(date +%F)"
[ "$(journal_of igotchuu-maintenance@nas | grep --count 'does not open it any more')" = 2 ] || fail 'of a key that is there it is said that it is gone'

# the machine's own key is lost: backups say so, init makes no other repository of it, and the paper brings everything back with restic alone
rm $sealed
! systemctl start igotchuu@d 2>/dev/null || fail 'a backup was made without a key'
assert_says "$(last d .message)" 'the credential two-nas is not there'
! igotchuu repository init nas 2>"$stage/said" | cat >"$stage/shown" || fail 'init took it'
assert_says "$(cat "$stage/said")" 'there is a repository at /srv/two/nas already, and its password is not there'
[ ! -e $sealed ] && [ ! -e $sealed.new ] || fail 'a new working key was made, which opens nothing'
RESTIC_PASSWORD=$new restic --quiet --no-cache --repo /srv/two/nas restore latest --target "$stage/restored" >/dev/null
assert_same /srv/d "$stage/restored/srv/d"

# the embedded one: its key stays where it is
key_before=$( [ ! -e $restic_repository.key ] || cat $restic_repository.key)
[ -z "$key_before" ] || fail 'there is an embedded repository already'
igotchuu repository init default 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
assert_says "$(cat "$stage/shown")" "the file $restic_repository.key"
RESTIC_PASSWORD=$(shown_key) restic --no-cache --repo $restic_repository cat config >/dev/null || fail 'the recovery key does not open the embedded repository'
default_restic cat config >/dev/null || fail 'the key file does not open it'
assert_says "$(igotchuu repository status default)" 'both die with it'
