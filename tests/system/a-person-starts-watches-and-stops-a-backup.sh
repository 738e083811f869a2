#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# start, watch, run, stop and log: on a terminal with a bar that moves, in a pipe a line a step; a run exits as its backup does; Ctrl-C ends the watching alone.
. "$(dirname "$0")/stage.sh"

undo() { tmux kill-server; umount /sys/class/power_supply; }
screen() { tmux capture-pane -p -t person; }
shows() { screen | grep --quiet --extended-regexp -- "$1"; }
typed() { tmux -f /dev/null set-option -s exit-empty off \; new-session -d -s person -x 110 -y 24 "trap : INT; $1; echo \"it exited with \$?\"; cat"; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>&1 || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said")"; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/e
stand_in <<'SH'
trap 'exit 130' INT
[ ! -e $here/bad ] || exit 1
while [ ! -e $here/go ]; do
    [ -e $here/silent ] || echo '{"message_type":"status","seconds_elapsed":10,"seconds_remaining":70,"percent_done":0.42,"total_files":100,"files_done":42,"total_bytes":1024000,"bytes_done":430080}'
    sleep 0.1
done
echo "$summary"
SH
job e <<<$'sources = ["/srv/e"]\nrepositories = ["stand-in"]'
reload

echo '- run, on a terminal'
typed 'igotchuu run d'
await 30 'the bar' shows '^d  backing up to stand-in  \[#+-+\]   42 %  420 KiB of 1000 KiB  42\.0 KiB/s  2 min left$'
[ "$(screen | grep --count 'backing up')" = 1 ] || fail "more than one line: $(screen)"
exits 1 igotchuu start d
assert_says "$(cat "$stage/said")" 'job d runs already: igotchuu watch d'
exits 0 igotchuu stop d
await 30 'the end' shows 'it exited with 130'
shows '^d: stopped, in ' || fail "it shows: $(screen)"
! shows 'backing up' || fail "the live line stays: $(screen)"
tmux kill-session -t person

echo '- two at once, and Ctrl-C, which stops no backup'
exits 0 igotchuu start d e
wait_for_phase d restic
wait_for_phase e restic
typed 'igotchuu watch'
await 30 'both' eval 'shows "^d  backing up" && shows "^e  backing up"'
tmux send-keys -t person C-c
await 30 'the end of the watching' shows 'it exited with 130'
shows 'd goes on; to stop it: igotchuu stop d' || fail "it shows: $(screen)"
tmux kill-session -t person
state_is igotchuu@d activating || fail 'Ctrl-C has stopped the backup'
igotchuu watch d >"$stage/watched" 2>&1 &
watching=$!
await 30 'the watching' grep --quiet 'backing up' "$stage/watched"
systemctl daemon-reexec # no end of a run
touch /srv/stand-in/go
wait $watching || fail "it ends with $?: $(cat "$stage/watched")"
assert_says "$(cat "$stage/watched")" 'd: success, in '
wait_for_state igotchuu@d inactive
wait_for_state igotchuu@e inactive
assert_outcome d success
exits 0 igotchuu watch
assert_says "$(cat "$stage/said")" 'no job runs'

echo '- watch sleeps until something happens, and then sees it'
looks() { grep --count 'jobs/d.json' "$stage/calls"; }
touch /srv/stand-in/silent
rm /srv/stand-in/go "$stage/watched" # that of before says what is waited for, too
next_second
exits 0 igotchuu start d
wait_for_phase d restic
strace --quiet --trace=openat --output="$stage/calls" igotchuu watch d >"$stage/watched" 2>&1 &
watching=$!
await 30 'the watching' grep --quiet 'backing up' "$stage/watched"
before=$(looks)
for _ in 1 2 3; do next_second; done
[ $(($(looks) - before)) -le 4 ] || fail "nothing happens, and it looks $(($(looks) - before)) times in three seconds"
touch /srv/stand-in/go
wait_for_state igotchuu@d inactive
ended=$SECONDS
wait $watching || fail "it ends with $?: $(cat "$stage/watched")"
[ $((SECONDS - ended)) -le 4 ] || fail "it sees the end $((SECONDS - ended)) seconds late"
rm /srv/stand-in/silent

echo '- run, in a pipe and on a dumb terminal: a line a step, no escape'
for kind in pipe dumb; do
    next_second
    if [ $kind = pipe ]; then
        igotchuu run d | cat >"$stage/said"
    else
        TERM=dumb script --quiet --return --command 'igotchuu run d' "$stage/typescript" >"$stage/said"
    fi
    assert_says "$(cat "$stage/said")" 'd: success, in '
    ! grep --quiet $'\e' "$stage/said" || fail "$kind: $(cat "$stage/said")"
done

echo '- run exits as the backup does'
next_second
touch /srv/stand-in/bad
exits 1 igotchuu run d
assert_says "$(cat "$stage/said")" 'd: failed, in '
assert_says "$(cat "$stage/said")" '(igotchuu log d)'
systemctl reset-failed
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nexclude = ["*.o"]' # not reloaded
exits 78 igotchuu run d
job broken <<<'sources = 1'
systemctl daemon-reload
exits 78 igotchuu run broken
rm /srv/stand-in/bad

echo '- log'
exits 0 igotchuu log d
assert_says "$(cat "$stage/said")" 'changed since'
! grep --quiet 'Backup of d complete' "$stage/said" || fail 'it shows other runs'
job never <<<'sources = ["/srv/d"]'
exits 1 igotchuu log never
assert_says "$(cat "$stage/said")" 'job never has not run yet'

echo '- a run that nothing comes of has not the outcome of the one before, and one that waits is not waited for'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
reload
next_second
exits 0 igotchuu run d
admin <<<$'[Unit]\nConditionPathExists=/nowhere'
next_second
exits 1 igotchuu run d
assert_says "$(cat "$stage/said")" 'd: nothing came of it, see: journalctl -xu igotchuu@d.service'
rm -r /etc/systemd/system/igotchuu@d.service.d
unplugged
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mains-power = true'
reload
next_second
exits 75 igotchuu run d
assert_says "$(cat "$stage/said")" 'd: not-now, in '
assert_says "$(cat "$stage/said")" 'd is tried again by itself: igotchuu watch d'
bus_state() { busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 State; }
echo '- one that waits for its next try, a minute later or an hour, begins when somebody says so; by the bus, too'
exits 75 igotchuu run d # which still does not fit
umount /sys/class/power_supply
next_second
exits 0 timeout 30 igotchuu run d
assert_says "$(cat "$stage/said")" 'd: success, in '
unplugged
next_second
exits 75 igotchuu run d
await 10 'the bus to know that it waits' eval '[ "$(bus_state)" = "s \"waiting\"" ]'
umount /sys/class/power_supply
next_second
busctl --quiet call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Start s d
await 30 'the run by the bus' eval '[ "$(last d .outcome)" = success ]'
wait_for_state igotchuu@d inactive
repository away <<<$'location = "/mnt/away/repository"\npassword-file = "/srv/stand-in/key"'
seen away
job d <<<$'sources = ["/srv/d"]\nrepositories = ["away"]'
reload
next_second
exits 75 igotchuu run d
assert_says "$(cat "$stage/said")" 'd: pending, in '
await 10 'the bus to know that it waits' eval '[ "$(bus_state)" = "s \"waiting\"" ]'
first_try=$(last d .invocation_id)
busctl --quiet call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Start s d
await 10 'its second try' eval '[ "$(last d .invocation_id)" != "$first_try" ]'
await 10 'its end' eval '[ "$(systemctl show --property SubState --value igotchuu@d)" = auto-restart ]' # a stop before that leaves it failed
exits 0 igotchuu stop d
wait_for_state igotchuu@d inactive
systemctl reset-failed

echo '- what is not there, or does not run'
exits 1 igotchuu stop d
assert_says "$(cat "$stage/said")" 'job d does not run, so there is nothing to stop'
exits 64 igotchuu start neverr
assert_says "$(cat "$stage/said")" 'did you mean "never"?'
