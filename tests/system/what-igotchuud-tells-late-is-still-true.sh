#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuud stands still while one run ends and the next begins, or waits for its next try; no record can be kept, /run is full, the clock was ahead, other files lie about: each run's
# begin and end is told once, and as it was.
. "$(dirname "$0")/stage.sh"

undo() { umount /sys/class/power_supply; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
: >$here/begun
until [ -e $here/end ]; do sleep 0.02; done
echo "$summary"
exit "$(cat $here/end)"
SH
records=/var/lib/igotchuu/jobs
begin() {
    rm -f /srv/stand-in/begun /srv/stand-in/end
    systemctl start --no-block igotchuu@d
    await 30 'restic' test -e /srv/stand-in/begun
}
is_over() { [[ $(systemctl show --property ActiveState --value igotchuu@d) = @(inactive|failed) ]]; }
end() { echo "${1:-0}" >/srv/stand-in/end && await 30 'the end of the run' is_over; }
listen_anew() {
    kill "$(pgrep --full listen.py)" 2>/dev/null || true
    listen
}

listen_anew
begin
await 30 'the first begin' heard_at_least RunStarted 1
systemctl kill --signal=STOP igotchuud
end
begin
systemctl kill --signal=CONT igotchuud
await 30 'the second begin' heard_at_least RunStarted 2
end 1
await 30 'the second end' heard_at_least RunEnded 2
assert_heard 'd success
d failed'

listen_anew
begin
systemctl stop igotchuud
end
systemctl mask --runtime --quiet igotchuud
begin
systemctl unmask --runtime --quiet igotchuud
systemctl start igotchuud
end 1
await 30 'the end' heard_at_least RunEnded 2
assert_heard 'd success
d failed'

echo '- a run that waits for its next try does so for an igotchuud that saw nothing of it, and for one that is new'
unplugged
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mains-power = true'
reload
bus_state_is() { [ "$(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 State)" = "s \"$1\"" ]; }
waits() { [ "$(systemctl show --property SubState --value igotchuu@d)" = auto-restart ]; }
next_second
await 10 'igotchuud to know of no run' bus_state_is idle
systemctl kill --signal=STOP igotchuud
systemctl start --no-block igotchuu@d
await 30 'the next try to be far' waits
systemctl kill --signal=CONT igotchuud
await 10 'the waiting that it did not see begin' bus_state_is waiting
systemctl restart igotchuud
await 10 'the waiting that its predecessor saw' bus_state_is waiting
umount /sys/class/power_supply
rm -f /srv/stand-in/begun
busctl --quiet call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Start s d
await 30 'restic' test -e /srv/stand-in/begun
end
await 10 'the end of the waiting' bus_state_is idle
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
reload
next_second

listen_anew
mount -t tmpfs -o ro none $records
begin && end
await 30 'the end of a success without a record' heard_at_least RunEnded 1
begin && end 1
await 30 'the end of a failure without a record' heard_at_least RunEnded 2
begin
systemctl kill --kill-whom=all --signal=KILL igotchuu@d
await 30 'the end of a killed run without a record' heard_at_least RunEnded 3
umount $records
assert_heard 'd success
d failed
d killed'

systemctl stop igotchuud
cp --preserve /run/igotchuud/announced "$stage"
mount -t tmpfs -o "size=256k,mode=0700,uid=$(id --user igotchuud)" none /run/igotchuud
cp --preserve "$stage/announced" /run/igotchuud
! head --bytes=1M /dev/zero >/run/igotchuud/full 2>/dev/null || fail 'there is room yet'
listen_anew
begin && end
await 30 'the end on a full /run' heard_at_least RunEnded 1
systemctl stop igotchuud
umount /run/igotchuud
assert_heard 'd success'

# as a machine without a clock of its own finds it when it boots: what it kept is of tomorrow, and nobody has told of anything
rm /run/igotchuud/announced
jq --compact-output '.history = [.history[0] | .ended_usec += 86400000000 | .started_usec += 86400000000]' $records/d.json >"$stage/tomorrow"
cat "$stage/tomorrow" >$records/d.json
# no instance, no file, no end
for name in 'new'$'\n''line' $'odd\xff' 'a space' "$(printf 'a%.0s' {1..245})"; do
    cp $records/d.json "$records/$name.json"
    cp $records/d.json "/run/igotchuu/state/$name.json"
done
mkfifo $records/fifo.json /run/igotchuu/state/fifo.json
truncate --size 1G $records/large.json /run/igotchuu/state/large.json
ln -s d.json $records/link.json
listen_anew
systemctl start igotchuud
busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs >"$stage/jobs"
[ "$(cat "$stage/jobs")" = 'a(sso) 1 "d" "idle" "/com/nyantec/igotchuu/job/d"' ] || fail "$(cat "$stage/jobs")"
begin && end
await 30 'the end' heard_at_least RunEnded 1
assert_heard 'd success'
