#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The machine is kept awake while a run lasts; where logind cannot be asked, the run goes on after three seconds at most.
# usage: a-silent-bus-does-not-hold-the-run.sh SAY-REPORT
set -euo pipefail
say_report=$(realpath "$1")
stopped=()
trap '[ ${#stopped[@]} -eq 0 ] || kill -CONT "${stopped[@]}"' EXIT

promise() { printf '%s\n' "- $*"; }
fail() { printf '%s\n' "FAILED: $*" >&2; exit 1; }
stop() { local pid; pid=$(systemctl show --property=MainPID --value "$1"); kill -STOP "$pid"; stopped+=("$pid"); }
go_on() { kill -CONT "${stopped[@]}"; stopped=(); }
ask() { "$say_report" inhibit - - - </dev/null; }
goes_on_without() {                                               # within SECONDS
    local begin=$EPOCHREALTIME answer
    answer=$(timeout 20 "$say_report" inhibit - - - </dev/null) || fail "it did not come back"
    [[ $answer == 'cannot ask logind to keep the machine awake: '* ]] || fail "it says: $answer"
    (( ${EPOCHREALTIME/./} - ${begin/./} < $1 * 1000000 )) || fail "it took longer than $1 s"
}

promise "sleep and the lid are held off as long as the run lasts, and no longer"
coproc run { "$say_report" inhibit - - -; }
read -r answer <&"${run[0]}"
[ "$answer" = held ] || fail "it says: $answer"
systemd-inhibit --list --no-legend | grep --quiet 'igotchuu.*handle-lid-switch.*a test.*block' || fail "logind does not know of it"
run_pid=$run_PID
exec {run[1]}>&-
wait "$run_pid"
if systemd-inhibit --list --no-legend | grep --quiet igotchuu; then fail "it is still held"; fi

promise "a logind that hangs costs three seconds"
stop systemd-logind
goes_on_without 4
go_on

promise "a bus that hangs costs three seconds"
stop dbus
goes_on_without 4
go_on
[ "$(ask)" = held ] || fail "it does not work any more afterwards"

promise "no bus at all costs nothing"
# shellcheck disable=SC2016
unshare --mount sh -euc 'mount -t tmpfs tmpfs /run/dbus; exec "$@"' sh "$say_report" inhibit - - - </dev/null | grep --quiet '^cannot ask logind' || fail "it says nothing"
