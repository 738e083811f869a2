#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic prints without end, on both outputs: igotchuu's own peak of memory stays under 64 MiB, with a stack of 512 KiB, the journal gets a bounded
# number of entries, and the outcome is the true one.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<'SH'
repeat() { yes "$1" | head -n "$2" | tr -d '\n'; }
. $here/script
grep VmHWM /proc/$PPID/status | tr -dc 0-9 >$here/peak
echo "$summary"
exit $status
SH

# flood WHAT STATUS OUTCOME WORDS <<SH
flood() {
    local status peak entries began=$EPOCHREALTIME
    cat >/srv/stand-in/script
    (ulimit -S -s 512 && exec /usr/libexec/igotchuu-exec backup d 2>/dev/null) && status=0 || status=$?
    [ $status = "$2" ] || fail "$1: exit status $status: $(last d .message)"
    assert_outcome d "$3"
    assert_says "$(last d .message)" "$4"
    peak=$(cat /srv/stand-in/peak)
    ((peak > 1000 && peak < 64 * 1024)) || fail "$1: a peak of $peak KiB"
    entries=$(journalctl --quiet --output cat --since "@${began%.*}" "IGOTCHUU_INVOCATION=$(last d .invocation_id)" | wc --lines)
    ((entries < 1010)) || fail "$1: $entries entries in the journal"
    printf '%s: %s KiB, %s entries, %s ms\n' "$1" "$peak" "$entries" $(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
}
flood 'a line of 100 MB on each output' 0 success '' <<'SH'
(head -c 100000000 /dev/zero | tr '\0' x; echo) & (head -c 100000000 /dev/zero; echo) >&2
wait
SH
flood 'two million lines on each output' 0 success '' <<'SH'
(yes 'a line of some length, as restic has them' | head -n 2000000) & (yes '{"message_type":"status","percent_done":0.5,"total_files":9}' | head -n 2000000)
(yes 'a line of some length, as restic has them' | head -n 2000000) >&2
wait
SH
flood 'depth, and breadth, of all kinds' 0 success '' <<'SH'
begin='{"message_type":"status","x":'
for output in 1 2; do
    for piece in '[' '{"":' '[[],' '[{},' '["",' '{"a":{},'; do
        { printf %s "$begin"; repeat "$piece" 100000; echo; } >&$output
    done
    for piece in '[],' '{},' '"",' '0,'; do
        { printf '%s[' "$begin"; repeat "$piece" 250000; echo '0]}'; } >&$output
    done
    { printf '%s{' "$begin"; seq 1 85000 | sed 's/.*/"&":1,/' | tr -d '\n'; echo '"":0}}'; } >&$output
    { repeat '[' 100000; repeat ']' 100000; echo; } >&$output
done
SH
flood 'a million errors, each another one' 3 partial '1000000 files could not be read' <<'SH'
status=3
seq 1 1000000 | sed 's|.*|{"message_type":"error","error":{"message":"open /srv/d/&: input/output error"},"during":"archival","item":"/srv/d/&"}|' >&2
SH
