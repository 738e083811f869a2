#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What prepare made is cleaned up after a failure, a stop, a SIGKILL at any step and a power cut; while it cannot be, no run is a success.
. "$(dirname "$0")/stage.sh"
mkdir -p /srv/d /srv/programs /srv/still
echo x >/srv/d/file
log=/srv/programs/log marks=/var/lib/igotchuu/prepared

# prepare and cleanup do as $log's neighbours say: "hang", "fail"
cat >/srv/programs/still <<'SH'
#!/bin/bash -eu
here=/srv/programs
echo "$1 $IGOTCHUU_JOB" >>$here/log
[ ! -e $here/hang-$1 ] || sleep infinity
[ ! -e $here/fail-$1 ] || { echo "no $1 today" >&2; exit 3; }
case $1 in
prepare) mkdir /srv/still/$IGOTCHUU_JOB && cp /srv/d/file /srv/still/$IGOTCHUU_JOB && echo /srv/still/$IGOTCHUU_JOB ;;
cleanup) rm -rf /srv/still/$IGOTCHUU_JOB ;;
esac
SH
chmod +x /srv/programs/still
the_job() {
    job "$1" <<TOML
sources = ["/srv/d"]
repositories = ["stand-in"]
snapshot = "command"
prepare = ["/srv/programs/still", "prepare"]
cleanup = ["/srv/programs/still", "cleanup"]
${2-}
TOML
}
said_in_log() { grep --quiet --line-regexp "$1" $log; }
nothing_left() {
    [ -z "$(ls -A /srv/still $marks | grep --invert-match :)" ] || fail "$1: left: $(ls -A /srv/still $marks)"
    [ -z "$(systemctl list-units --no-legend --all 'igotchuu-prepare@*' 'igotchuu-cleanup@*')" ] || fail "$1: a unit is left"
}
ran() { diff - $log <<<"$1" >&2 || fail "$2: not the programs that should have run"; rm $log; }
began() { rm -f /srv/programs/{hang,fail}-* $log; systemctl reset-failed; }
each=$'prepare d\ncleanup d'

stand_in <<<'[ ! -e $here/hang ] || exec sleep infinity; [ ! -e $here/fail ] || exit 1; echo "$summary"'
the_job d
reload
remember_host

systemctl start igotchuu@d
assert_outcome d success
ran "$each" success
nothing_left success

began; touch /srv/programs/fail-prepare
systemctl start igotchuu@d && fail 'a failed prepare is a success'
assert_outcome d failed
assert_says "$(last d .message)" 'prepare failed: /srv/programs/still ended with exit status 3: no prepare today'
ran "$each" 'a failed prepare'
nothing_left 'a failed prepare'

began; touch /srv/stand-in/fail
systemctl start igotchuu@d && fail 'a failed restic is a success'
rm /srv/stand-in/fail
ran "$each" 'a failed restic'
nothing_left 'a failed restic'

began; touch /srv/programs/hang-prepare
systemctl start --no-block igotchuu@d
await 30 prepare said_in_log 'prepare d'
state_is igotchuu-prepare@d.service active || fail 'the unit is not named as it should be'
rm /srv/programs/hang-prepare
systemctl stop igotchuu@d
assert_outcome d stopped
ran "$each" 'a stop in mid-prepare'
nothing_left 'a stop in mid-prepare'

began; touch /srv/stand-in/hang
systemctl start --no-block igotchuu@d
wait_for_phase d restic
systemctl stop igotchuu@d
assert_outcome d stopped
ran "$each" 'a stop in mid-restic'
nothing_left 'a stop in mid-restic'

for step in prepare restic cleanup; do
    began; rm -f /srv/stand-in/hang
    if [ $step = restic ]; then touch /srv/stand-in/hang; else touch /srv/programs/hang-$step; fi
    systemctl start --no-block igotchuu@d
    if [ $step = restic ]; then wait_for_phase d restic; else await 30 $step said_in_log "$step d"; fi
    rm -f /srv/programs/hang-*
    systemctl kill --kill-whom=main --signal=KILL igotchuu@d
    wait_for_state igotchuu@d failed
    assert_outcome d killed
    if [ $step = cleanup ]; then ran "$each"$'\ncleanup d' 'SIGKILL in cleanup'; else ran "$each" "SIGKILL in $step"; fi
    nothing_left "SIGKILL in $step"
done
rm -f /srv/stand-in/hang

# neither the run nor its ExecStopPost= could: what lies there after a power cut, twice of another job, is the next run's
for round in 1 2; do
    began; the_job other; reload
    touch /srv/stand-in/hang
    rm -f /run/igotchuu/state/other.json # of the round before
    /usr/libexec/igotchuu-exec backup other 2>/dev/null &
    wait_for_phase other restic
    kill -KILL $!
    wait $! || true
    rm /srv/stand-in/hang
    mv /srv/still/other /srv/still/other.$round
    cp $marks/other:* "$stage/"
done
mv /srv/still/other.2 /srv/still/other
rm -r /srv/still/other.1
cp "$stage"/other:*.json $marks
[ "$(ls $marks | wc --lines)" -ge 2 ] || fail "this test tests nothing: $(ls $marks)"
: >"$marks/other:00000000000000000000000000000000" # power went while it was written
rm /etc/igotchuu/jobs/other.toml # what it takes to clean up is in the mark
reload
began
systemctl start igotchuu@d
assert_outcome d success
[ "$(sort $log | uniq --count | tr --squeeze-repeats ' ')" = $' 1 cleanup d\n 2 cleanup other\n 1 prepare d' ] || fail "ran: $(cat $log)"
nothing_left 'a power cut'
journalctl --sync
assert_says "$(journal_of igotchuu@d)" 'left'

# what cannot be cleaned up is no success, and is tried again; what is no mark stays where it is
began; touch /srv/programs/fail-cleanup $marks/notes:of-mine
systemctl start igotchuu@d && fail 'a failed cleanup is a success'
assert_outcome d failed
assert_says "$(last d .message)" 'cleanup failed: /srv/programs/still ended with exit status 3: no cleanup today'
[ -e /srv/still/d ] || fail 'this test tests nothing'
began
systemctl start igotchuu@d
assert_outcome d success
ran $'cleanup d\nprepare d\ncleanup d' 'the run after a failed cleanup'
nothing_left 'the run after a failed cleanup'
[ -e $marks/notes:of-mine ] || fail 'a foreign file is gone'

began; the_job d 'prepare-timeout = 1'; reload
touch /srv/programs/hang-cleanup
systemctl start igotchuu@d && fail 'a cleanup that hangs is a success'
assert_says "$(last d .message)" 'cleanup failed: /srv/programs/still did not end within 1s and was ended (the key prepare-timeout)'
began
touch /srv/programs/fail-cleanup
systemctl start igotchuu@d && fail 'a failed cleanup is a success'
journalctl --sync
assert_says "$(journal_of igotchuu@d)" 'of d has prepared is still there: cleanup failed'
rm -rf /srv/programs /srv/still $marks /run/igotchuu/state/other.json
assert_host_as_before
