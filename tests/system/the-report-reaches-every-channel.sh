#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each word of a run is found where it is looked for, and once. A channel that fails costs nothing but its own words.
# usage: the-report-reaches-every-channel.sh SAY-REPORT CHECKOUT
set -euo pipefail
say_report=$(realpath "$1") checkout=$2
work=$(mktemp --directory)
trap 'umount --quiet --lazy "$work"/* || true; rm -rf "$work" /run/systemd/system/igotchuu@*.service; systemctl daemon-reload' EXIT
mkdir "$work/activity" "$work/records"

promise() { printf '%s\n' "- $*"; }
fail() { printf '%s\n' "FAILED: $*" >&2; exit 1; }
id_of() { sed -n "s/.* $1 = \"\([0-9a-f]*\)\".*/\1/p" "$checkout/exec/report/message-id.hpp"; }
began=$EPOCHREALTIME                                              # another test may have jobs of these names
entries() { journalctl --sync; journalctl --quiet --output=cat --since "@$began" "$@"; }
count() { [ "$(wc -l)" -eq "$1" ] || fail "not $1 times: $2"; }
until_there() {                                                   # FILE TEXT
    local tries
    for ((tries = 0; tries < 500; tries++)); do
        grep --quiet --fixed-strings "$2" "$1" 2>/dev/null && return
        sleep 0.01
    done
    fail "no \"$2\" in $1"
}
by_hand() { "$say_report" "$1" "$2" "$work/activity" "${3:-$work/records}"; }
unit() {                                                          # NAME LINE…: a whole one of that name, which hides the template
    local name=$1
    shift
    printf '%s\n' '[Service]' Type=oneshot NotifyAccess=main "$@" >"/run/systemd/system/igotchuu@$name.service"
    systemctl daemon-reload
}
in_a_unit() {
    unit "$2" "ExecStart=$say_report $1 $2 $work/activity $work/records"
    systemctl start "igotchuu@$2"
}

promise "a run in a unit is found by its message id, with its numbers"
in_a_unit success unit
entries MESSAGE_ID="$(id_of backup_completed)" IGOTCHUU_JOB=unit | count 1 "the last word"
entries MESSAGE_ID="$(id_of backup_completed)" IGOTCHUU_JOB=unit --output=json |
    jq --exit-status '.IGOTCHUU_OUTCOME == "success" and .IGOTCHUU_DATA_ADDED == "12900000" and (.IGOTCHUU_PHASE_RESTIC_USEC | tonumber) > 0
        and .IGOTCHUU_INVOCATION == ._SYSTEMD_INVOCATION_ID' >/dev/null || fail "its fields"

promise "no word of it is there twice"
entries --unit=igotchuu@unit SYSLOG_IDENTIFIER=igotchuu | count 3 "its words"
[ -z "$(entries --unit=igotchuu@unit SYSLOG_IDENTIFIER=igotchuu | sort | uniq --repeated)" ] || fail "doubled lines"
[ -z "$(entries --unit=igotchuu@unit SYSLOG_IDENTIFIER=say-report)" ] || fail "stderr in the journal"

promise "journalctl -x says what to do, with the job's name filled in"
entries --catalog --output=short MESSAGE_ID="$(id_of backup_started)" IGOTCHUU_JOB=unit >"$work/catalog"
grep --quiet "systemctl stop 'igotchuu@unit'" "$work/catalog" || fail "no catalog text"

promise "the record has the run, and there is no activity any more"
jq --exit-status '.history[0].outcome == "success" and .last_success == .history[0]' "$work/records/unit.json" >/dev/null || fail "the record"
[ -z "$(ls -A "$work/activity")" ] || fail "an activity is left"

promise "a run by hand speaks once, and journalctl -u finds it"
by_hand success hand 2>"$work/words"
grep --fixed-strings 'Backup of hand complete' "$work/words" | count 1 "the last word"
[ -z "$(sort "$work/words" | uniq --repeated)" ] || fail "doubled lines"
entries --unit=igotchuu@hand --grep='^Backup of hand complete' | count 1 "the last word in the journal"

promise "names cannot write to the terminal or the journal what they like, and very many complaints leave room for the last word"
by_hand partial hand 2>"$work/words"
if grep --quiet $'\033' "$work/words"; then fail "an escape came through"; fi
grep --fixed-strings 'permission denied' "$work/words" | count 1000 "a complaint"
entries MESSAGE_ID="$(id_of complaints_left_out)" IGOTCHUU_JOB=hand | count 1 "that there are more"
entries MESSAGE_ID="$(id_of backup_partial)" IGOTCHUU_JOB=hand | count 1 "the last word"
jq --exit-status '(.history | length) == 2 and .last_success.outcome == "success"' "$work/records/hand.json" >/dev/null || fail "the record"

promise "while it runs, systemctl and the activity say where it is; when it is killed, reap says so, once"
mkfifo "$work/input"
exec 3<>"$work/input"
unit killed "StandardInput=file:$work/input" "ExecStart=$say_report stay killed $work/activity $work/records" \
    "ExecStopPost=$say_report killed killed $work/activity $work/records"
systemctl start --no-block igotchuu@killed
until_there "$work/activity/killed.json" '"repository":"default"'
invocation=$(systemctl show --property=InvocationID --value igotchuu@killed)
[ "$(jq --raw-output .invocation_id "$work/activity/killed.json")" = "$invocation" ] || fail "the activity's invocation"
[ "$(systemctl show --property=StatusText --value igotchuu@killed)" = 'Backing up to default' ] || fail "the status"
systemctl kill --kill-whom=main --signal=KILL igotchuu@killed
until_there "$work/records/killed.json" '"outcome":"killed"'
until [ ! -e "$work/activity/killed.json" ]; do sleep 0.01; done
entries MESSAGE_ID="$(id_of backup_killed)" IGOTCHUU_INVOCATION="$invocation" | count 1 "that it was killed"

promise "all faults of a configuration are said, and one last word; the record keeps the last success"
by_hand bad hand 2>"$work/words" >&2
printf '%s\n' '/etc/igotchuu/jobs/x.toml:1:1: one' '/etc/igotchuu/jobs/x.toml:2:1: two' 'Backup of hand cannot start: 2 faults in its configuration' |
    diff - <(head -n 3 "$work/words") || fail "its words"
jq --exit-status '.history[0].outcome == "bad-configuration" and .last_success.outcome == "success"' "$work/records/hand.json" >/dev/null || fail "the record"

promise "read-only places for activity and record are said once each on the other channels, and the run ends well"
mkdir "$work/readonly" "$work/full"
mount -t tmpfs -o ro tmpfs "$work/readonly"
"$say_report" success readonly "$work/readonly" "$work/readonly" 2>"$work/words"
grep --fixed-strings "$work/readonly" "$work/words" | count 2 "why there is no activity and no record"
grep --quiet 'Backup of readonly complete' "$work/words" || fail "the last word"
entries MESSAGE_ID="$(id_of channel_failed)" IGOTCHUU_JOB=readonly | count 2 "why there is no activity and no record"

promise "so is a full one, and what was there before stays"
by_hand success full "$work/full"  2>/dev/null
cp "$work/full/full.json" "$work/before"
mount -t tmpfs -o size=4k,mode=0755 tmpfs "$work/full"
cp "$work/before" "$work/full/full.json"
by_hand success full "$work/full" 2>"$work/words"
grep --quiet 'No space left on device; the run goes on' "$work/words" || fail "why there is no record"
cmp "$work/before" "$work/full/full.json"
[ "$(ls -A "$work/full")" = full.json ] || fail "something lies beside the record"

promise "a terminal that cannot be written is said in the journal, once, and the run ends well"
by_hand success deaf 2>/dev/full
entries MESSAGE_ID="$(id_of channel_failed)" IGOTCHUU_JOB=deaf | count 1 "that the terminal fails"
entries MESSAGE_ID="$(id_of backup_completed)" IGOTCHUU_JOB=deaf | count 1 "the last word"

promise "without a journal the run ends well, and says so"
# shellcheck disable=SC2016
unshare --mount sh -euc 'mount -t tmpfs tmpfs /run/systemd/journal; exec "$@"' sh "$say_report" success silent "$work/activity" "$work/records" 2>"$work/words"
grep --fixed-strings 'no journal' "$work/words" | count 1 "that there is none"
grep --quiet 'Backup of silent complete' "$work/words" || fail "the last word"
