#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The programs of the key hold run on the host, as their user, one after the other; all of them hold while the snapshots are taken, and none of them does
# when restic begins. Those that are shipped for units, and the manual's example, do so, too.
. "$(dirname "$0")/stage.sh"
user helper
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/programs
log=/srv/programs/log
undo() {
    systemctl stop held.service holds.service
    rm -rf /srv/programs /etc/systemd/system/{held,holds}.service /run/systemd/system/multi-user.target.wants/holds.service /usr/local/sbin/freeze
}
dump() { on_r dump latest "$1"; }
# holds LINES: of job d, whatever it was before
holds() {
    job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\n'"$1"
    reload
    next_second
}

# keep NAME: notes in the source who holds, and who does no more
cat >/srv/programs/keep <<'SH'
#!/bin/sh -eu
here=/srv/programs
echo "$1 begins: $(id --user --name) $(readlink /proc/self/ns/mnt) $IGOTCHUU_JOB ${#IGOTCHUU_INVOCATION} ${2-}" >>$here/log
echo "$1" >>/srv/d/held
echo "words of $1"
echo "complaints of $1" >&2
echo '  READY  '
echo 'later words'
cat >/dev/null
echo "$1 ends" >>$here/log
echo "$1 let go" >>/srv/d/held
SH
chmod +x /srv/programs/keep
touch $log /srv/d/held
chown helper /srv/d/held $log
ln -s "$(readlink /proc/1/ns/mnt)" /srv/programs/host-namespace
cheap_repository r
holds 'hold = [["/srv/programs/keep", "first", "100% $HOME ${x}"], ["/srv/programs/keep", "second", "-"]]
hold-user = "helper"'
remember_host
systemctl start igotchuu@d
assert_outcome d success
[ "$(dump /srv/d/held)" = $'first\nsecond' ] || fail "in the backup: $(dump /srv/d/held)"
namespace=$(readlink /srv/programs/host-namespace)
diff <(sort $log) - >&2 <<EOF || fail 'they did not run as they should'
first begins: helper $namespace d 32 100% \$HOME \${x}
first ends
second begins: helper $namespace d 32 -
second ends
EOF
assert_host_as_before
journalctl --sync
for words in 'hold: words of first' 'hold: complaints of second' 'hold: later words' 'Held still by 2 programs for '; do
    assert_says "$(journal_of igotchuu@d)" "$words"
done
assert_says "$(journal_of igotchuu-hold-2@d)" 'igotchuu: hold of d'
[ -z "$(systemctl list-units --no-legend --all 'igotchuu-hold-*')" ] || fail 'a unit is left'

# restic finds nobody who holds, and it was for less than the snapshots took
stand_in <<<'echo x >$here/read; [ ! -e /srv/programs/holding ] || touch $here/held; echo "$summary"'
printf '#!/bin/sh -eu\ntouch /srv/programs/holding\ntrap "rm /srv/programs/holding" EXIT\necho READY\ncat\n' | install -m 0755 /dev/stdin /srv/programs/note
sed --in-place '$ahold = [["/srv/programs/note"]]' /etc/igotchuu/jobs/d.toml
reload
systemctl start igotchuu@d
assert_outcome d success
[ -e /srv/stand-in/read ] || fail 'this test tests nothing'
[ ! -e /srv/stand-in/held ] || fail 'it holds while restic reads'
[ "$(last d '.hold_window_usec > 0 and .hold_window_usec <= .phases_usec.snapshot')" = true ] || fail "held for $(last d .hold_window_usec)"
journalctl --sync
[ "$(journalctl --quiet --output json --unit igotchuu@d --since "@$stage_began" |
    jq --slurp --raw-output 'last(.[].IGOTCHUU_HOLD_WINDOW_USEC | strings)')" = "$(last d .hold_window_usec)" ] ||
    fail 'the journal has another number than the record'

# The window is from when the first is ready until they are told to let go: not the time that it takes to be ready or to end, and all that others take to be ready.
cat >/srv/programs/slow <<'SH'
#!/bin/bash -eu
moment() { echo "$1 $EPOCHREALTIME" >>/srv/programs/moments; }
moment "$1-begins"
sleep 0.5
moment "$1-holds"
echo READY
cat
moment "$1-told"
sleep 0.5
SH
chmod +x /srv/programs/slow
sed --in-place 's|^hold.*|hold = [["/srv/programs/slow", "first"], ["/srv/programs/slow", "second"]]|' /etc/igotchuu/jobs/d.toml
reload
systemctl start igotchuu@d
assert_outcome d success
awk -v window="$(last d .hold_window_usec)" '{at[$1] = $2 * 1e6}
    END {exit !(at["second-holds"] - at["second-begins"] <= window && window <= at["first-told"] - at["first-holds"])}' /srv/programs/moments ||
    fail "held for $(last d .hold_window_usec) by its own word, and: $(cat /srv/programs/moments)"

# a run without such a program says nothing of it
sed --in-place '/^hold/d' /etc/igotchuu/jobs/d.toml
reload
systemctl start igotchuu@d
[ "$(last d .hold_window_usec)" = 0 ] || fail 'a hold without a program'
umount /usr/bin/restic

# units that run are stopped and started again; those that do not are not
cat >/etc/systemd/system/held.service <<'UNIT'
[Service]
Type=notify
NotifyAccess=all
ExecStart=/bin/sh -c '[ ! -e /srv/programs/broken ] && echo running >/srv/d/unit && systemd-notify --ready && exec sleep infinity'
ExecStopPost=/bin/sh -c 'echo stopped >/srv/d/unit'
UNIT
cat >/etc/systemd/system/holds.service <<'UNIT'
[Service]
Type=notify
NotifyAccess=all
ExecStart=/bin/sh -c 'echo held >/srv/d/notify; systemd-notify --ready; exec sleep infinity'
ExecStopPost=/bin/sh -c 'echo live >/srv/d/notify'
UNIT
holds 'hold = [["/usr/share/igotchuu/hold/stop-units", "held.service", "holds.service"]]'
systemctl start held.service
systemctl start igotchuu@d
assert_outcome d success
[ "$(dump /srv/d/unit)" = stopped ] || fail 'it was not stopped'
[ "$(cat /srv/d/unit)" = running ] || fail 'it was let go before it ran again'
state_is held.service active || fail 'it does not run again'
state_is holds.service inactive || fail 'one that did not run is started'

# one that cannot be started again is a failure
touch /srv/programs/broken
systemctl start igotchuu@d && fail 'a unit that is left stopped is a success'
assert_says "$(last d .message)" 'hold failed: /usr/share/igotchuu/hold/stop-units ended with exit status 1: '
rm /srv/programs/broken
systemctl reset-failed
systemctl stop held.service

# what is started meanwhile was not held, whether it was stopped or did not run, and runs on or has ended again: that systemd knows of a unit that another refers to
systemctl --quiet --runtime add-wants multi-user.target holds.service
printf '#!/bin/sh -eu\nsystemctl start "$1"\n[ $# -eq 1 ] || systemctl stop "$1"\necho READY\ncat\n' | install -m 0755 /dev/stdin /srv/programs/start
is_no_hold() {
    holds "hold = [[\"/usr/share/igotchuu/hold/stop-units\", \"held.service\", \"holds.service\"], [\"/srv/programs/start\", $1]]"
    systemctl start held.service
    systemctl start igotchuu@d && fail "$1 was started meanwhile, and that is a success"
    assert_says "$(last d .message)" "hold failed: /usr/share/igotchuu/hold/stop-units ended with exit status 1: $2 was started meanwhile"
    state_is held.service active || fail 'it does not run again'
    systemctl stop held.service holds.service
}
is_no_hold '"held.service"' held.service
is_no_hold '"holds.service"' holds.service
is_no_hold '"holds.service", "stop"' holds.service

# a unit that says READY=1 itself; one that runs already is somebody else's
holds 'hold = [["/usr/share/igotchuu/hold/start-units", "holds.service"]]'
systemctl start igotchuu@d
assert_outcome d success
[ "$(dump /srv/d/notify)" = held ] || fail 'it did not hold'
[ "$(cat /srv/d/notify)" = live ] || fail 'it is not stopped'
systemctl start holds.service
systemctl start igotchuu@d && fail 'a unit that runs already is taken over'
assert_says "$(last d .message)" 'hold failed: /usr/share/igotchuu/hold/start-units ended with exit status 1: holds.service runs already'
state_is holds.service active || fail "somebody else's unit is stopped"
systemctl stop holds.service

# the manual's: another file system is frozen while this one is snapshotted
new_btrfs /mnt/other
example igotchuu.job.5.scd '#!/bin/sh -eu
# /usr/local/sbin/freeze' | install -D -m 0755 /dev/stdin /usr/local/sbin/freeze
cat >/srv/programs/write <<'SH'
#!/bin/sh -eu
touch /mnt/other/file &
sleep 0.5
[ -e /mnt/other/file ] || touch /srv/programs/was-frozen
echo READY
cat
SH
chmod +x /srv/programs/write
holds 'hold = [["/usr/local/sbin/freeze", "/mnt/other"], ["/srv/programs/write"]]'
systemctl start igotchuu@d
assert_outcome d success
[ -e /srv/programs/was-frozen ] || fail 'it was not frozen'
await 10 'the thaw' test -e /mnt/other/file
