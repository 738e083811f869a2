#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu, and igotchuu status: with 0, 1 and 50 jobs, the worst first; as root, as a user in the group and outside of it; with the bus and without. restic is never started.
. "$(dirname "$0")/stage.sh"

undo() { tmux kill-server; gpasswd --delete bob igotchuu; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>&1 || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said")"; }
said() { cat "$stage/said"; }
without_bus() { unshare --mount bash -c 'mount -t tmpfs none /run/dbus && mount --bind /dev/null /run/systemd/private && exec "$@"' _ "$@"; }
# Ages are of this very run.
timeless() { sed -E 's/(just now|[0-9]+ (s|min|h|d) ago)/AGO/g; s/in [0-9]+ (s|min|h|d)/SOON/g; s/  +/  /g'; }

echo '- no job'
exits 0 igotchuu
assert_says "$(said)" 'There is no job yet'
exits 3 igotchuu status
exits 3 igotchuu status --json
[ "$(jq --compact-output . <<<"$(said)")" = '{"schema":1,"status":"unknown","jobs":[]}' ] || fail "$(said)"

echo '- one job'
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<'[ ! -e $here/bad ] || exit 1; [ ! -e $here/wait ] || sleep infinity & wait; echo "$summary"'
exits 1 igotchuu status
assert_says "$(said)" 'd: there is no backup yet (igotchuu start d)'
systemctl start igotchuu@d
exits 0 igotchuu status
diff <(timeless <"$stage/said") - <<'SCREEN' || fail 'that is not the screen'
ok: 1 job

JOB  STATUS  NOW  LAST RUN  SUCCESS  PROVEN  NEXT
d  ok  -  success AGO  AGO  never  by hand
SCREEN
exits 0 igotchuu status --json d
[ "$(jq --raw-output '[.status, .jobs[0].name, .jobs[0].last_run.outcome, .jobs[0].timer, (.jobs[0].run == null)] | join(" ")' "$stage/said")" = 'ok d success none true' ] || fail "$(said)"

echo '- a unit that has failed is no last word: neither when a run by hand was good since, nor when it left none itself'
touch /srv/stand-in/bad
! systemctl start igotchuu@d || fail 'it was to fail'
exits 2 igotchuu status d
assert_says "$(timeless <"$stage/said")" 'd: failed AGO: '
rm /srv/stand-in/bad
/usr/libexec/igotchuu-exec backup d >/dev/null 2>&1
[ "$(systemctl is-failed igotchuu@d)" = failed ] || fail 'the unit has not failed: this tests nothing'
exits 0 igotchuu status d
systemctl start igotchuu@d
admin <<<$'[Service]\nExecStart=\nExecStart=/bin/false\nExecStopPost='
! systemctl start igotchuu@d || fail 'it was to fail'
exits 2 igotchuu status d
assert_says "$(said)" 'd: its unit has failed since its last run, and left no word (journalctl -xu igotchuu@d.service; when that is mended: systemctl reset-failed igotchuu@d.service)'
rm /etc/systemd/system/igotchuu@d.service.d/60-admin.conf
systemctl daemon-reload
systemctl reset-failed igotchuu@d.service
exits 0 igotchuu status d

echo '- several, the worst first'
touch /srv/stand-in/bad
job bad <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
job wrong <<<$'sources = ["/srv/d"]\nexclud = []\n'
job timed <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "daily"'
systemctl daemon-reload
! systemctl start igotchuu@bad || fail 'it was to fail'
rm /srv/stand-in/bad
exits 2 igotchuu status
[ "$(awk 'NR > 3 && NF == 0 {exit} NR > 3 {print $1, $2}' "$stage/said" | tr '\n' ',')" = 'bad critical,wrong critical,timed warning,d ok,' ] || fail "$(said)"
assert_says "$(said)" 'critical: 2 of 4 jobs (bad, wrong); warning: 1 of 4 jobs (timed)'
assert_says "$(said)" 'bad: failed '
assert_says "$(said)" '(igotchuu log bad)'
assert_says "$(said)" 'wrong: /etc/igotchuu/jobs/wrong.toml:2:1: '
assert_says "$(said)" 'timed: its timer does not run (igotchuu reload; systemctl start igotchuu@timed.timer)'
exits 0 igotchuu status d
exits 2 igotchuu status bad d
exits 1 igotchuu status /srv/d # an implicit job, not d
assert_says "$(said)" 'there is no backup yet'
exits 0 igotchuu # it exits with 0 whatever the jobs are like
exits 1 igotchuu status timed
assert_says "$(timeless <"$stage/said")" 'timer off'
exits 78 igotchuu reload
exits 1 igotchuu status timed
assert_says "$(timeless <"$stage/said")" 'SOON'

echo '- a timer that has never fired makes nothing late, though it was started again, as by a reboot'
job stamped <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
systemctl daemon-reload
systemctl start igotchuu@stamped
jq --compact-output '(.history[0], .last_success) |= (.started_usec -= 3600000000 | .ended_usec -= 3600000000)' /var/lib/igotchuu/jobs/stamped.json >"$stage/record"
cat "$stage/record" >/var/lib/igotchuu/jobs/stamped.json
job stamped <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "yearly"'
exits 78 igotchuu reload
touch --date '5 minutes ago' /var/lib/systemd/timers/stamp-igotchuu@stamped.timer
systemctl restart igotchuu@stamped.timer
[[ $(systemctl show --property LastTriggerUSec --value igotchuu@stamped.timer) = *:* ]] || fail 'systemd does not take the stamp for the last time: this tests nothing'
exits 0 igotchuu status stamped
systemctl stop igotchuu@stamped.timer
rm /etc/igotchuu/jobs/stamped.toml /var/lib/igotchuu/jobs/stamped.json
systemctl daemon-reload

echo '- a job whose file is gone, and whose timer is not; a repository that is damaged'
job gone <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "yearly"'
exits 78 igotchuu reload
systemctl start igotchuu@gone
exits 0 igotchuu status gone
mv /etc/igotchuu/jobs/gone.toml "$stage/gone.toml"
exits 2 igotchuu status
assert_says "$(said)" 'gone: its file is gone, and its timer is not (igotchuu reload)'
exits 78 igotchuu reload
exits 1 igotchuu status gone
assert_says "$(said)" 'gone: its file is gone, and nothing is backed up any more (put it back; or, to end the job: rm /var/lib/igotchuu/jobs/gone.json)'
exits 2 igotchuu status
grep --quiet '^gone' "$stage/said" || fail "what is gone is hidden: $(said)"
eval "$(sed -n 's/^gone: .*to end the job: \(.*\))$/\1/p' "$stage/said")"
exits 2 igotchuu status
! grep --quiet '^gone' "$stage/said" || fail "what has been ended is still shown: $(said)"
echo '{"schema":1,"repository":"stand-in","file":"/etc/igotchuu/repositories/stand-in.toml","damaged":true}' >/var/lib/igotchuu/repositories/stand-in.json
exits 2 igotchuu status d
assert_says "$(said)" 'd: the last check of its repository stand-in has found faults (igotchuu repository status stand-in)'
rm /var/lib/igotchuu/repositories/stand-in.json

echo '- a run that is under way, and one that was killed'
touch /srv/stand-in/wait
systemctl start --no-block igotchuu@d
wait_for_phase d restic
exits 0 igotchuu status d
assert_says "$(said)" 'backing up to stand-in'
cp /run/igotchuu/state/d.json "$stage/d.json"
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
cp "$stage/d.json" /run/igotchuu/state/d.json # as if nobody had taken it away
exits 2 igotchuu status d
assert_says "$(timeless <"$stage/said")" 'd  critical  -  killed AGO'
rm /run/igotchuu/state/d.json /srv/stand-in/wait

echo '- who may see what'
user ada
user bob
gpasswd --add bob igotchuu >/dev/null
exits 2 runuser --user bob -- igotchuu status
in_group=$(timeless <"$stage/said")
exits 2 igotchuu status
[ "$in_group" = "$(timeless <"$stage/said")" ] || fail "who is in the group sees: $in_group"
exits 2 runuser --user ada -- igotchuu status
assert_says "$(said)" 'critical: '
assert_says "$(timeless <"$stage/said")" 'd  critical  -  killed AGO'
exits 2 without_bus igotchuu status
assert_says "$(said)" 'systemd cannot be asked'
assert_says "$(timeless <"$stage/said")" 'bad  critical  -  failed AGO  never  never  -'
exits 2 without_bus runuser --user ada -- igotchuu status # the wrong file is seen
assert_says "$(said)" 'as root this works without it'
exits 3 without_bus runuser --user ada -- igotchuu status d

echo '- a run that has to wait hides nothing of the one before, and nothing of it is lost over the bus'
touch /srv/stand-in/bad
job waits <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
systemctl daemon-reload
! systemctl start igotchuu@waits || fail 'it was to fail'
rm /srv/stand-in/bad
failed=$(last waits .invocation_id)
job waits <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mounted = ["/mnt/drawer"]'
mkdir -p /mnt/drawer
systemctl daemon-reload
systemctl start --no-block igotchuu@waits
waits() { [ "$(last waits .outcome)" = not-now ] && [ "$(systemctl show --property SubState --value igotchuu@waits)" = auto-restart ]; }
await 30 'the try that could not run' waits
exits 2 igotchuu status waits
assert_says "$(timeless <"$stage/said")" 'waits: it could not run since the run that ended as failed AGO: '
assert_says "$(said)" "(journalctl -x IGOTCHUU_INVOCATION=$failed)"
assert_says "$(timeless <"$stage/said")" 'waits  critical  waiting  not-now AGO  never  never  by hand'
exits 2 igotchuu status --json waits
[ "$(jq --raw-output '.jobs[0] | [.last_run.outcome, .last_ran.outcome, .last_ran.invocation_id] | join(" ")' "$stage/said")" = "not-now failed $failed" ] || fail "$(said)"
on_bus() { [[ $(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/waits com.nyantec.igotchuu.Job1 "$1") = $2 ]]; }
await 10 'the bus to know of the try' on_bus LastResult 's "not-now"'
on_bus LastRan "(sstt) \"failed\" \"$failed\" *" || fail 'on the bus the try hides the run'
exits 2 runuser --user ada -- igotchuu status waits
assert_says "$(timeless <"$stage/said")" 'waits: it could not run since the run that ended as failed AGO'
systemctl stop igotchuu@waits
rm /etc/igotchuu/jobs/waits.toml /var/lib/igotchuu/jobs/waits.json
systemctl daemon-reload

echo '- fifty jobs, and no restic'
long=a-name-that-is-so-long-that-five-of-it-are-more-than-a-line # they come first
for ((number = 0; number < 50; number++)); do
    job "j$number" <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
    jq --compact-output ".job = \"j$number\" | .file = \"/etc/igotchuu/jobs/j$number.toml\"" /var/lib/igotchuu/jobs/d.json >"/var/lib/igotchuu/jobs/j$number.json"
done
for number in 1 2 3 4 5; do cp "/etc/igotchuu/jobs/wrong.toml" "/etc/igotchuu/jobs/$long-$number.toml"; done
exits 2 strace --quiet --follow-forks --trace=execve --output="$stage/calls" igotchuu status
[ "$(wc --lines <"$stage/said")" -gt 54 ] || fail "it shows $(wc --lines <"$stage/said") lines"
[ "$(grep --count execve "$stage/calls")" = 1 ] || fail "it starts other programs: $(cat "$stage/calls")"
for columns in 100 80 40; do
    tmux -f /dev/null set-option -s exit-empty off \; new-session -d -s overview -x $columns -y 24 'igotchuu; cat'
    await 10 'the screen' eval 'tmux capture-pane -p -t overview | grep --quiet more:'
    screen=$(tmux capture-pane -p -t overview)
    tmux kill-session -t overview
    [[ $screen = critical:* ]] || fail "its first line is gone at $columns columns: $screen"
    assert_says "$screen" ' more: igotchuu status'
    [ "$(awk "length > $columns" <<<"$screen" | wc --lines)" = 0 ] || fail "too wide: $screen"
done
rm "/etc/igotchuu/jobs/$long"-*.toml

echo '- a file with a name that no unit can have hides no other job'
job $'red\e[31m' <<<'sources = ["/srv/d"]'
for asks in 'igotchuu status' 'runuser --user bob -- igotchuu status' 'runuser --user ada -- igotchuu status'; do
    exits 2 $asks
    assert_says "$(said)" 'red\x1b[31m: /etc/igotchuu/jobs/red\x1b[31m.toml: the name "red\x1b[31m" has a control character in it: rename the file'
    grep --quiet '^j49 ' "$stage/said" || fail "$asks: the others are hidden: $(said)"
done
exits 2 igotchuu status --json
jq --exit-status '.jobs | length > 50' "$stage/said" >/dev/null || fail "$(said)"
exits 0 igotchuu watch
exits 1 igotchuu doctor
assert_says "$(said)" 'has a control character in it'
rm /etc/igotchuu/jobs/red*

echo '- wrong words'
exits 64 igotchuu statsu
[ "$(said)" = 'igotchuu: there is no "igotchuu statsu"; did you mean "igotchuu status"?' ] || fail "$(said)"
exits 64 igotchuu status badd
[ "$(said)" = 'igotchuu: there is no job "badd"; did you mean "bad"?' ] || fail "$(said)"
exits 64 igotchuu status $'\e[31mred'
! grep --quiet $'\e' "$stage/said" || fail 'an escape reaches the terminal'
