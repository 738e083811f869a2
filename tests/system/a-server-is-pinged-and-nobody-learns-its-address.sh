#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A server of the healthchecks kind hears of each start, success and failure, with the end of the log; not of a start that is put off. Its address, which is a secret,
# can be seen nowhere. What cannot be told is a failed unit of its own that says why, and never the backup.
. "$(dirname "$0")/stage.sh"
heard=/srv/heard
undo() {
    systemctl --quiet stop 'igotchuu-notify*@*' hear-pings
    rm -rf $heard /etc/credstore/igotchuu-ping /var/lib/igotchuu/notify /run/systemd/system/igotchuu-notify@.service.d
}
evidence() { tail -n 50 $heard/*.ping /dev/null; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
stand_in <<'SH'
case $(cat $here/mode) in
good) echo "$summary" ;;
bad) echo 'the disk is gone' >&2; exit 1 ;;
slow) while [ ! -e $here/go ]; do sleep 0.05; done; echo "$summary" ;;
esac
SH
mode() { echo "$1" >/srv/stand-in/mode; }
rm -rf $heard
mkdir -p $heard
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
systemd-run --quiet --collect --unit=hear-pings "$(dirname "$0")/hear-pings.py" "$port" $heard
accepts() { (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
await 10 'the server' accepts
# A run that could not be started is over only when its ExecStopPost= is.
is_quiet() { ! { systemctl list-units --no-legend --state=activating,deactivating 'igotchuu*@*'; systemctl list-jobs --no-legend 'igotchuu*@*'; } | awk '{found = 1} END {exit !found}'; }
all_told() {
    await 90 'everybody to be told' is_quiet
}
# pings: the paths of all that were heard since, a line each; forgets them.
pings() { head --quiet --lines=1 $heard/*.ping; rm -f $heard/*.ping; }
rid() { last d .invocation_id | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12})/rid=\1-\2-\3-\4-\5/'; }

secret=00000000-canary-canary-canary-000000000000
echo $secret >"$stage/words"
(umask 0077 && echo "http://127.0.0.1:$port/$secret" >/etc/igotchuu/ping)
echo 'ping.url-file = "/etc/igotchuu/ping"' >/etc/igotchuu/notify.toml
reload

mode good
systemctl start igotchuu@d
all_told
ends="POST /$secret?$(rid)"
heard_now=$(cat $heard/*.ping)
assert_says "$heard_now" 'Backup of d complete: 1 file'
[ "$(pings | tail -n 1)" = "$ends" ] || fail "the success was heard as: $heard_now"

# One that takes a while is heard when it begins, too, and before its end.
mode slow
systemctl start --no-block igotchuu@d
one_more() { [ "$(find $heard -name '*.ping' | wc --lines)" -ge "$1" ]; }
await 30 'the start' one_more 1
touch /srv/stand-in/go
wait_for_state igotchuu@d inactive
all_told
[ "$(pings)" = "POST /$secret/start?$(rid)
POST /$secret?$(rid)" ] || fail 'start and end were not heard'

# While the server is silent: the address is nowhere, and the backup is done.
touch $heard/hold
systemctl start igotchuu@d
assert_outcome d success
curls() { pgrep --exact curl >/dev/null; }
await 30 'curl' curls
await 10 'the ping' one_more 1
found=$("$(dirname "$0")/find-words.py" "$stage/words" "$stage_began" 2>/dev/null)
[ -z "$found" ] || fail "the address can be seen: $found"
rm $heard/hold
all_told
rm -f $heard/*.ping

# A failure, with the end of the log.
mode bad
! systemctl start igotchuu@d || fail 'a success'
all_told
assert_says "$(cat $heard/*.ping)" 'the disk is gone'
[ "$(pings | tail -n 1)" = "POST /$secret/fail?$(rid)" ] || fail 'the failure was not heard'

# Put off: no server waits for an end that does not come.
admin <<<$'[Service]\nRestartSec=200ms\nRestartSteps=0\nRestartMaxDelaySec=infinity'
python3 - >"$stage/full" <<'PYTHON' &
import socket, time
full = socket.create_server(("127.0.0.1", 0), backlog=0)
others = [socket.socket() for _ in range(4)] # more than it takes in: who comes now gets no answer, and each try takes its five seconds
for other in others:
    other.setblocking(False)
    other.connect_ex(full.getsockname())
print(full.getsockname()[1], flush=True)
time.sleep(600)
PYTHON
await 10 'the server that is full' test -s "$stage/full"
printf 'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.hosts = ["127.0.0.1:%s"]\n' "$(cat "$stage/full")" | job d
reload
begun=$EPOCHREALTIME
tried() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep 'cannot run now' | wc --lines)" -ge 2 ]; }
systemctl start --no-block igotchuu@d
await 60 'two tries' tried
systemctl stop igotchuu@d
all_told
! grep --quiet --no-messages /start $heard/*.ping || fail 'a start was heard that did not come'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
admin </dev/null

# A slug for each job; the address from a credential.
(umask 0077 && mkdir -p /etc/credstore && echo "http://127.0.0.1:$port/$secret/{slug}?create=1" >/etc/credstore/igotchuu-ping)
echo 'ping.url-credential = "igotchuu-ping"' >/etc/igotchuu/notify.toml
reload
rm -f $heard/*.ping
! systemctl start igotchuu@d || fail 'a success'
all_told
[ "$(pings | tail -n 1)" = "POST /$secret/d/fail?create=1&$(rid)" ] || fail 'the slug was not heard'
rm /etc/credstore/igotchuu-ping
! systemctl start igotchuu@d || fail 'a success'
all_told
state_is igotchuu-notify@igotchuu@d failed || fail 'a missing credential is no failure'
assert_says "$(journal_of igotchuu-notify@igotchuu@d)" 'the credential igotchuu-ping is not there: put it into /etc/credstore/igotchuu-ping'

# Refused, and nobody there: a failed unit of its own, that names the host and not the address.
(umask 0077 && echo "http://127.0.0.1:$port/refused/$secret" >/etc/igotchuu/ping)
echo 'ping.url-file = "/etc/igotchuu/ping"' >/etc/igotchuu/notify.toml
reload
systemctl reset-failed
! systemctl start igotchuu@d || fail 'a success'
all_told
state_is igotchuu-notify@igotchuu@d failed || fail 'a refused ping is no failure'
assert_says "$(journal_of igotchuu-notify@igotchuu@d)" "cannot ping 127.0.0.1:$port: curl: (22) The requested URL returned error: 404"
systemctl stop hear-pings
! systemctl start igotchuu@d || fail 'a success'
all_told
assert_says "$(journal_of igotchuu-notify@igotchuu@d)" "cannot ping 127.0.0.1:$port: curl: (7)"
found=$("$(dirname "$0")/find-words.py" "$stage/words" "$stage_began" 2>/dev/null)
[ -z "$found" ] || fail "the address can be seen: $found"

# No sendmail: what to install. A file that is wrong: one clear error, by verify as well, and the backup is made.
echo 'mail.to = ["root"]' >/etc/igotchuu/notify.toml
reload
! systemctl start igotchuu@d || fail 'a success'
all_told
assert_says "$(journal_of igotchuu-notify@igotchuu@d)" 'cannot send a mail: there is no /usr/sbin/sendmail. Install a package that has it'
mode good
printf 'mail.too = ["root"]\n' >/etc/igotchuu/notify.toml
reload
state_is igotchuu-verify.service failed || fail 'a wrong notify.toml verifies'
assert_says "$(journal_of igotchuu-verify)" '/etc/igotchuu/notify.toml:1:6: unknown key "mail.too"; did you mean "mail.to"?'
systemctl start igotchuu@d
assert_outcome d success
all_told
assert_says "$(journal_of igotchuu-notify-success@igotchuu@d)" 'unknown key "mail.too"'
rm /etc/igotchuu/notify.toml
reload
systemctl start igotchuu@d
[ -z "$(systemctl show --property OnFailure --value igotchuu@d)" ] || fail 'without the file there is somebody to tell'
