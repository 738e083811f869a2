#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run [--with=borgmatic,borgbackup] -- /src/tests/bench/cli.sh [TIMES]
#
# What a person waits for: igotchuu status with 50 jobs, each with a timer and a hundred runs on record, as root and as a user; --version; completion. Beside it: a program that does
# nothing, systemctl's list of the same timers, and borgmatic --version where it is there.
. /src/tests/system/stage.sh
times=${1:-50} jobs=50
undo() { systemctl stop 'igotchuu@*.timer'; gpasswd --delete bob igotchuu; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<'echo "$summary"'
systemctl start igotchuu@d
record=/var/lib/igotchuu/jobs/d.json
jq --compact-output '.history = [.history[0] | range(100) as $n | .]' $record >"$stage/record"
for ((number = 0; number < jobs; number++)); do
    job "j$number" <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "daily"'
    jq --compact-output ".job = \"j$number\" | .file = \"/etc/igotchuu/jobs/j$number.toml\"" "$stage/record" >"/var/lib/igotchuu/jobs/j$number.json"
done
igotchuu reload >/dev/null
user ada
user bob
gpasswd --add bob igotchuu >/dev/null
printf '%d jobs, a record of %d bytes each\n' $jobs "$(stat --format %s /var/lib/igotchuu/jobs/j0.json)"

# measure WHAT COMMAND…: milliseconds, after two that are not counted.
measure() {
    local what=$1 number began ended
    shift
    for ((number = -2; number < times; number++)); do
        began=$EPOCHREALTIME
        "$@" >/dev/null 2>&1 || true
        ended=$EPOCHREALTIME
        [ $number -lt 0 ] || echo $(((${ended/./} - ${began/./})))
    done | sort -n | awk -v what="$what" '{v[NR] = $1 / 1000} END {printf "%-60s minimum %6.1f  median %6.1f  most %6.1f ms\n", what, v[1], v[int((NR + 1) / 2)], v[NR]}'
}
measure 'true' /usr/bin/true
measure 'runuser -- true' runuser --user ada -- /usr/bin/true
measure 'igotchuu --version' igotchuu --version
measure 'igotchuu status' igotchuu status
measure 'igotchuu status --json' igotchuu status --json
measure 'igotchuu status, of a user in the group (with runuser)' runuser --user bob -- igotchuu status
measure 'igotchuu status, of any user, by igotchuud (with runuser)' runuser --user ada -- igotchuu status
measure 'igotchuu complete start ""' igotchuu complete start ''
measure 'bash completes a job' bash --norc -c '. /usr/share/bash-completion/completions/igotchuu; COMP_WORDS=(igotchuu start j1) COMP_CWORD=2; _igotchuu'
measure 'systemctl list-timers' systemctl list-timers 'igotchuu@*'
if command -v borgmatic >/dev/null; then measure 'borgmatic --version' borgmatic --version; fi
