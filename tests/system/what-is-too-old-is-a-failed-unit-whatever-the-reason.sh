#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job with an objective: igotchuu-fresh@ asks the repository itself, and is a failed unit when its newest good snapshot is too old, whatever the reason: never
# backed up, a timer that is masked, a machine that was off, a snapshot that somebody else has removed, runs that fail or are partial, a source that is new. A run
# that had nothing to do keeps the backup fresh. A look leaves nothing.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/new
mount -o remount,noatime /srv/d # who reads it changes nothing in it
echo one >/srv/d/file
cheap_repository r
described() { printf 'sources = [%s]\nrepositories = ["r"]\nobjective-hours = 26\nfull-every-days = 7\n%s\n' "$1" "${2-}" | job d; reload; }
undo() { systemctl unmask --quiet --runtime igotchuu@d.timer; }

said() { journalctl --quiet --output cat --identifier igotchuu --unit igotchuu-fresh@d --since "@$looked"; }
# Of what restic itself has changed here the job's record knows nothing: each look asks.
look() {
    looked=$EPOCHREALTIME
    rm -rf /var/cache/igotchuu/fresh
    await_looks # which a timer has begun meanwhile
    remember_host
    systemctl start igotchuu-fresh@d 2>/dev/null
}
is_fresh() {
    look || fail "$1: $(said)"
    assert_says "$(said)" 'The backup of d in r is fresh: '
    assert_host_as_before
}
# too_old WHY WORDS…: a failed unit, which says these words.
too_old() {
    local why=$1 word
    shift
    ! look || fail "$why: no failure, but $(said)"
    assert_exit igotchuu-fresh@d 1
    assert_says "$(systemctl --failed --no-legend --plain)" igotchuu-fresh@d.service
    for word; do assert_says "$(said)" "$word"; done
    assert_says "$(said)" "To back up now: systemctl start 'igotchuu@d'"
    assert_host_as_before
}
back_up() {
    next_second && systemctl start igotchuu@d && assert_outcome d success
    [ "$(last d .whole)" = true ] || fail 'a run that has missed nothing does not say so'
    await_looks
}
forget_newest() { on_r forget "$(newest d)"; }
# aged DAYS: the last backup was made so many days ago, and nothing has run since.
aged() {
    local tags then
    then=$(($(date +%s) - $1 * 86400))
    tags=$(on_r snapshots --json "$(newest d)" | jq --raw-output '.[0].tags | join(",")')
    forget_newest
    on_r backup --host "$(uname -n)" --tag "$tags" --time "$(date --date "@$then" '+%F %T')" /srv/d
    jq --compact-output --arg id "$(on_r snapshots --json --tag "$tags" | jq --raw-output 'max_by(.time).id')" --argjson then "${then}000000" \
        'def old: .started_usec = $then | .ended_usec = $then | .instant_usec = $then | .repositories[0].summary.snapshot_id = $id;
        .history = [.history[0] | old] | .last_success |= old | .up_to_date[] |= (.since_usec = $then | .summary.snapshot_id = $id)' \
        /var/lib/igotchuu/jobs/d.json >"$stage/record"
    cat "$stage/record" >/var/lib/igotchuu/jobs/d.json
}

described '"/srv/d"' $'[timer]\nOnCalendar = "yearly"'
too_old 'never backed up' 'There is no good backup of d in r.'
back_up
is_fresh 'just backed up'
[ "$(systemctl show --property ActiveState --value igotchuu-fresh@d)" = inactive ] || fail 'it has not recovered'

# No run for three days: the machine was off, or the timer was masked.
aged 3
too_old 'a machine that was off' 'is too old: the newest good one is 3 d' 'and 26 h are allowed (objective-hours)'
systemctl stop igotchuu@d.timer
too_old 'a stopped timer' "its timer does not run (systemctl start 'igotchuu@d.timer')"
systemctl mask --quiet --runtime igotchuu@d.timer
too_old 'a masked timer' "its timer is masked (systemctl unmask 'igotchuu@d.timer')"
systemctl unmask --quiet --runtime igotchuu@d.timer
aged 1
is_fresh 'one day'

# Nothing has changed for three days: restic is not even started, and the backup is as fresh as that run. As long as it is there.
aged 3
look_of() { systemctl show --property InvocationID --value igotchuu-fresh@d; }
before=$(look_of)
back_up
[ "$(last d .restic_starts)" = 0 ] || fail 'the run had something to do'
[ "$(look_of)" = "$before" ] || fail 'a run that had nothing to do has asked the repository'
is_fresh 'a run that had nothing to do'
assert_says "$(said)" ' old, unchanged as of '
forget_newest
too_old 'what had not changed is gone' 'There is no good backup of d in r; the snapshot ' 'is not there any more'

# Somebody else has removed it.
echo two >/srv/d/file
back_up
removed=$(newest d)
is_fresh 'there is one again'
on_r forget "$removed"
too_old 'removed by somebody else' "the snapshot ${removed:0:8}, which the run of " 'is not there any more: it was removed'
echo three >/srv/d/file
back_up
[ "$(systemctl show --property ActiveState --value igotchuu-fresh@d)" = inactive ] || fail 'a good backup has not made it well'
is_fresh 'backed up after that'

# Runs that fail; partial ones, whose snapshots are there; a source of which there is none.
aged 2
echo four >/srv/d/file
mv /etc/igotchuu/r.key /etc/igotchuu/away
! systemctl start igotchuu@d 2>/dev/null || fail 'a backup without a password'
mv /etc/igotchuu/away /etc/igotchuu/r.key
too_old 'failing since' 'the newest good one is 2 d' 'the last run, of ' ', ended as failed: ' r.key
described '"/srv/d", "/srv/absent"'
next_second
! systemctl start igotchuu@d 2>/dev/null || fail 'a source that is not there is no failure'
assert_outcome d partial
[ "$(last d .whole)" = false ] || fail 'a run that has missed a source calls itself whole'
too_old 'partial since' 'There is no good backup of d in r; the last run, of ' ', ended as partial: ' /srv/absent
described '"/srv/d"'
too_old 'partial since, for another list of sources' 'the newest good one is 2 d' ', ended as partial: '
back_up
is_fresh 'whole again'
described '"/srv/d", "/srv/new"'
too_old 'a source that is new' 'the newest snapshot, ' 'does not have the source /srv/new'
back_up
is_fresh 'with it'

# By hand it says the same, and asks anew.
said=$(/usr/libexec/igotchuu-exec fresh d 2>&1) || fail "by hand: $said"
assert_says "$said" 'The backup of d in r is fresh: '
forget_newest
! said=$(/usr/libexec/igotchuu-exec fresh d 2>&1) || fail "by hand it believes what was said before: $said"
assert_says "$said" 'is not there any more'

# A repository that is there and does not answer is a failure as well. A job without an objective has nothing to look at.
mv /etc/igotchuu/r.key /etc/igotchuu/away
! look || fail 'without a password it knows how fresh it is'
assert_says "$(said)" 'Nobody knows how fresh the backup of d in r is: '
mv /etc/igotchuu/away /etc/igotchuu/r.key
head --bytes 300 /dev/urandom >"/srv/cheap/r/snapshots/$(printf '%064d' 7)" # restic goes on without what it cannot load, and exits with 0
! look || fail 'it believes half a list'
assert_says "$(said)" 'Nobody knows how fresh the backup of d in r is: restic could not list all snapshots of /srv/cheap/r: '
[ ! -e /var/cache/igotchuu/fresh/r.json ] || fail 'half a list is kept as an answer'
rm "/srv/cheap/r/snapshots/$(printf '%064d' 7)"
state_is igotchuu-fresh@d.timer active || fail 'its timer does not run'

# A file that is wrong for a while: a look fails with its error, and the timer goes on when it is mended.
goes_on() { [ "$(systemctl show --property SubState --value igotchuu-fresh@d.timer)" = waiting ]; }
described '"/srv/d", "/srv/new"' 'objective-hour = 26'
goes_on || fail 'the timer is dead while the file is wrong'
! look || fail 'a wrong file is fresh'
assert_exit igotchuu-fresh@d 78
job other <<<$'sources = ["/srv/d"]\nobjective-hour = 26'
reload
! state_is igotchuu-fresh@other.timer active || fail 'a look begins for a file that is wrong, whose job may have no objective'
rm /etc/igotchuu/jobs/other.toml
described '"/srv/d", "/srv/new"'
goes_on || fail 'the timer stays dead'
# One that was without a schedule for a while stays so (systemd 257), and is named.
printf 'sources = ["/srv/d"]\nrepositories = ["r"]' | job d
reload
described '"/srv/d", "/srv/new"'
goes_on || assert_says "$(journal_of igotchuu-verify.service)" "its timer igotchuu-fresh@d.timer has no next time"

job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
[ ! -e /run/systemd/generator/igotchuu-fresh@d.service.d ] || fail 'a job without an objective has a unit'
assert_says "$(journal_of igotchuu-verify.service)" 'igotchuu-fresh@d.timer is still there, but its job has no objective any more'
systemctl stop igotchuu-fresh@d.timer
! systemctl start igotchuu-fresh@d 2>/dev/null || fail 'a job without an objective is fresh'
assert_exit igotchuu-fresh@d 78
