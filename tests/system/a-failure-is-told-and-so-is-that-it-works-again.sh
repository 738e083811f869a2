#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With one file, notify.toml, whoever it names is told of each run that has failed, however it failed, with why and what to do; and that it works again. Not of a
# run that is put off, nor of one that somebody stopped. The job's own OnFailure= is started beside that. A name or a message cannot write a header into the mail.
. "$(dirname "$0")/stage.sh"
told=/srv/told
undo() {
    systemctl --quiet stop 'igotchuu-notify*@*'
    umount --quiet /usr/sbin/sendmail
    rm -rf $told /mnt/usb /usr/sbin/sendmail /run/systemd/system/own@.service /run/systemd/system/igotchuu-maintenance@stand-in.service.d /var/lib/igotchuu/notify
}
evidence() { tail -n 200 $told/* /dev/null; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
mkdir -p $told
# As sendmail is called: a mail on its standard input, whom it is for in its arguments.
install -m 0755 /dev/stdin /usr/sbin/sendmail <<SH
#!/bin/sh
number=\$(ls $told/*.mail 2>/dev/null | wc -l)
{ echo "ARGUMENTS \$*"; grep -E '^(NoNewPrivs|CapBnd)' /proc/self/status; cat; } >$told/new
mv $told/new $told/\$number.mail
SH
install -m 0755 /dev/stdin $told/command <<SH
#!/bin/sh
{ env | grep ^IGOTCHUU_; echo "ARGUMENTS \$*"; cat; } >$told/new-command
mv $told/new-command $told/\$IGOTCHUU_EVENT.command
SH
stand_in <<'SH'
case $(cat $here/mode) in
good) echo "$summary" ;;
bad) printf '{"message_type":"exit_error","code":1,"message":"the disk is gone\\nBcc: eve@example.org"}\n' >&2; exit 1 ;;
slow) touch $here/began; exec sleep 60 ;;
old) echo '[]' ;;
new) printf '[{"id":"%064d","time":"%s","hostname":"%s","tags":["igotchuu-job=d","igotchuu-machine=%s"],"paths":["/srv/d"]}]\n' \
    1 "$(date --utc +%FT%TZ)" "$(uname -n)" \
    "$(systemd-id128 machine-id --app-specific=d5a4c22fe97242cfa4210837dc5c689e)" ;;
esac
SH
mode() { echo "$1" >/srv/stand-in/mode; }
mkdir -p /etc/igotchuu
cat >/etc/igotchuu/notify.toml <<TOML
[mail]
to = ["root", "admin@example.org"]
from = "backup@example.org"
[command]
run = ["$told/command", "one", "two words", "100%"]
on = ["failure", "recovery", "success", "stopped"]
TOML
printf '[Service]\nType=oneshot\nExecStart=touch %s/own-%%i\n' $told >/run/systemd/system/own@.service
printf '[unit]\nOnFailure = "own@%%n"\n' >>/etc/igotchuu/jobs/d.toml
reload

# A run that could not be started is over only when its ExecStopPost= is.
is_quiet() { ! { systemctl list-units --no-legend --state=activating,deactivating 'igotchuu*@*'; systemctl list-jobs --no-legend 'igotchuu*@*'; } | awk '{found = 1} END {exit !found}'; }
mails() { find $told -name '*.mail' | wc --lines; }
# runs EXPECTED MAILS: the job, to its end, and everybody is told.
all_told() {
    await 60 'everybody to be told' is_quiet
    [ "$(mails)" = "$1" ] || fail "$(mails) mails, not $1"
}
runs() { systemctl start igotchuu@d || true; assert_outcome d "$1"; all_told "$2"; }
last_mail() { cat "$told/$(($(mails) - 1)).mail"; }
event() { cat "$told/$1.command"; rm "$told/$1.command"; }

# A success: only who wants to know of it.
mode good
runs success 0
[ ! -e $told/own-igotchuu@d ] || fail 'the own OnFailure= of the job was started by a success'
assert_says "$(event success)" 'IGOTCHUU_OUTCOME=success'
state_is igotchuu-notify-success@igotchuu@d inactive || fail 'it has failed'

# A failure, in full.
mode bad
runs failed 1
[ -e $told/own-igotchuu@d ] || fail 'the own OnFailure= of the job was not started'
mail=$(last_mail)
for part in 'ARGUMENTS -oi -f backup@example.org root admin@example.org' 'From: backup@example.org' $'To: root,\n admin@example.org' \
    "Subject: igotchuu: backup of d failed on $(hostname)" 'Auto-Submitted: auto-generated' '  outcome   failed' '  unit      igotchuu@d.service' \
    'Backup of d failed after' 'the disk is gone Bcc: eve@example.org' 'What it means, and what to do:' "systemctl start 'igotchuu@d'" \
    'The end of its log' 'igotchuu@d.service: Main process exited' $'NoNewPrivs:\t0'; do
    assert_says "$mail" "$part"
done
! grep --quiet '^Bcc' <<<"$mail" || fail 'a message wrote a header'
command=$(event failure)
for part in 'IGOTCHUU_JOB=d' 'IGOTCHUU_UNIT=igotchuu@d.service' 'IGOTCHUU_EVENT=failure' 'IGOTCHUU_OUTCOME=failed' 'IGOTCHUU_MESSAGE=Backup of d failed after' \
    "IGOTCHUU_INVOCATION=$(last d .invocation_id)" 'ARGUMENTS one two words 100%' 'The end of its log'; do
    assert_says "$command" "$part"
done

# The success after it, and not the one after that.
mode good
runs success 2
assert_says "$(last_mail)" "Subject: igotchuu: backup of d works again on $(hostname)"
assert_says "$(event recovery)" 'IGOTCHUU_OUTCOME=success'
runs success 2
event success >/dev/null

# Whoever starts what told the failure once more, which is of a run that is long over, is refused: that nothing was started would not be true.
! systemctl start igotchuu-notify@igotchuu@d 2>"$stage/refused" || fail 'it tells of a run that nobody knows'
assert_says "$(cat "$stage/refused")" 'may be requested by dependency only'
all_told 2

# Killed: and what others write into the journal in its name is not told.
mode slow
systemctl start --no-block igotchuu@d
await 30 'restic' test -e /srv/stand-in/began
rm /srv/stand-in/began
printf 'MESSAGE=forged\nPRIORITY=2\nSYSLOG_IDENTIFIER=igotchuu\nIGOTCHUU_INVOCATION=%s\nINVOCATION_ID=%s\n' \
    "$(systemctl show --property InvocationID --value igotchuu@d)"{,} | runuser -u nobody -- logger --journald
journalctl --sync
journalctl --quiet --grep '^forged$' --since "@$stage_began" >/dev/null || fail 'the test wrote no forged line'
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
all_told 3
assert_says "$(last_mail)" "Subject: igotchuu: backup of d was killed on $(hostname)"
! grep --quiet forged <<<"$(last_mail)" || fail "a user's words are in the mail"
event failure >/dev/null

# Stopped on purpose: no mail; the success after it works again all the same.
systemctl start --no-block igotchuu@d
await 30 'restic' test -e /srv/stand-in/began
rm /srv/stand-in/began
systemctl stop igotchuu@d
assert_outcome d stopped
all_told 3
assert_says "$(event stopped)" 'IGOTCHUU_OUTCOME=stopped'
mode good
runs success 4
assert_says "$(last_mail)" 'works again'

# Put off, again and again: nobody is told. Given up: everybody is.
admin <<<$'[Service]\nRestartSec=200ms\nRestartSteps=0\nRestartMaxDelaySec=infinity'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mounted = ["/mnt/drawer"]\nwait.latest-hours = 1\nwait.then = "fail"'
reload
begun=$EPOCHREALTIME
tried() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep 'cannot run now' | wc --lines)" -ge 3 ]; }
systemctl start --no-block igotchuu@d
await 30 'three tries' tried
[ "$(mails)" = 4 ] || fail 'a run that is put off was told'
[ ! -e $told/failure.command ] || fail 'a run that is put off was told as a failure'
jq --compact-output '.waits_since_usec -= 7200 * 1000000' /var/lib/igotchuu/jobs/d.json >"$stage/record" && cat "$stage/record" >/var/lib/igotchuu/jobs/d.json
wait_for_state igotchuu@d failed
all_told 5
assert_says "$(last_mail)" 'nothing is mounted on /mnt/drawer, for over 1h'
event failure >/dev/null

# A name that is not ASCII, in a header.
rm /etc/igotchuu/jobs/d.toml
echo 'sources = ["/srv/gone"]' | job $'Gr\xc3\xb6\xc3\x9fe'
reload
! systemctl start 'igotchuu@Gr\xc3\xb6\xc3\x9fe' || fail 'a success'
all_told 6
assert_says "$(last_mail)" 'Subject: =?utf-8?Q?igotchuu=3A_backup_'
assert_says "$(event failure)" $'IGOTCHUU_JOB=Gr\xc3\xb6\xc3\x9fe'
rm /etc/igotchuu/jobs/Gr*.toml

# A file that is wrong: told at once, before its time comes and it cannot run, and not again with each reload.
echo 'source = ["/srv/d"]' | job d
reload
all_told 7
assert_says "$(last_mail)" "Subject: igotchuu: units or schedules are wrong on $(hostname)"
assert_says "$(last_mail)" 'unknown key "source"'
assert_says "$(event failure)" IGOTCHUU_UNIT=igotchuu-verify.service
reload
! systemctl start igotchuu@d || fail 'a success'
all_told 8
assert_says "$(last_mail)" 'unknown key "source"'
assert_says "$(event failure)" 'IGOTCHUU_OUTCOME=bad-configuration'
job never <<<$'sources = ["/srv/d"]\n[timer]\nOnCalendar = "some day"' # what else is wrong meanwhile is news
reload
all_told 9
assert_says "$(last_mail)" 'never.toml'
event failure >/dev/null
rm /etc/igotchuu/jobs/never.toml
reload
all_told 9

# One that systemd cannot even start: before the run there is nothing of ours.
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
admin <<<$'[Service]\nBindPaths=/nowhere/at/all'
reload
all_told 10
assert_says "$(last_mail)" "Subject: igotchuu: units or schedules are right again on $(hostname)"
event recovery >/dev/null
! systemctl start igotchuu@d || fail 'a success'
all_told 11
assert_says "$(last_mail)" 'systemd could not start it'
assert_says "$(last_mail)" '226'
assert_says "$(last_mail)" '/nowhere/at/all'
event failure >/dev/null
admin <<<$'[Unit]\nRequires=igotchuu-there-is-none.service\nAfter=igotchuu-there-is-none.service'
printf '[Service]\nType=oneshot\nExecStart=/bin/false\n' >/run/systemd/system/igotchuu-there-is-none.service
reload
! systemctl start igotchuu@d || fail 'a success'
all_told 12
assert_says "$(last_mail)" 'Backup of d was not started: something that its unit requires has failed'
event failure >/dev/null
# The same after a success, of which nobody was told: it may not pass for this run.
rm -rf /var/lib/igotchuu/notify
admin </dev/null
mv /etc/igotchuu/notify.toml "$stage/notify.toml"
reload
systemctl start igotchuu@d
mv "$stage/notify.toml" /etc/igotchuu/notify.toml
admin <<<$'[Unit]\nRequires=igotchuu-there-is-none.service\nAfter=igotchuu-there-is-none.service'
reload
! systemctl start igotchuu@d || fail 'a success'
all_told 13
assert_says "$(last_mail)" 'Backup of d was not started: something that its unit requires has failed'
event failure >/dev/null
rm /run/systemd/system/igotchuu-there-is-none.service
admin </dev/null
reload

# The maintenance of a repository.
mode bad
! systemctl start igotchuu-maintenance@stand-in || fail 'a success'
all_told 14
assert_says "$(last_mail)" "Subject: igotchuu: maintenance of stand-in failed on $(hostname)"
assert_says "$(event failure)" 'IGOTCHUU_REPOSITORY=stand-in'

# To try it, or when it could not be told, the last run can be told again.
/usr/libexec/igotchuu-exec notify igotchuu@d
[ "$(mails)" = 15 ] || fail 'it was not told by hand'

# How fresh a backup is is looked at again and again: it is told once that it is not, and once that it is again.
sed --in-place '1i objective-hours = 1' /etc/igotchuu/jobs/d.toml
reload
looks() {
    rm -rf /var/cache/igotchuu/fresh
    systemctl start igotchuu-fresh@d 2>/dev/null || true
    all_told "$1"
}
rm -f $told/*.command
mode old
looks 16
assert_says "$(last_mail)" "Subject: igotchuu: backup of d is not fresh on $(hostname)"
assert_says "$(last_mail)" 'There is no good backup of d in stand-in'
assert_says "$(event failure)" IGOTCHUU_UNIT=igotchuu-fresh@d.service
looks 16
mode bad # what else goes wrong meanwhile is news
looks 17
assert_says "$(last_mail)" 'Nobody knows how fresh the backup of d in stand-in is: '
looks 17
mode old # and no more when it comes and goes
looks 17
mode new
looks 18
assert_says "$(last_mail)" "Subject: igotchuu: backup of d is fresh again on $(hostname)"
looks 18

# Whoever could not be told is told with the next look, and nobody twice; and so it is when it is over.
rm -f $told/*.command
mode old
chmod 0644 $told/command
looks 19
[ ! -e $told/failure.command ] || fail 'it was told all the same'
chmod 0755 $told/command
looks 19
event failure >/dev/null
mode new
chmod 0644 $told/command
looks 20
chmod 0755 $told/command
looks 20
event recovery >/dev/null
looks 20
[ ! -e $told/success.command ] || fail 'it is told that a backup is as fresh as before'

# What is kept is tried again all the time: it is told once that it cannot be sent, and once more of each instant that is kept beside it.
repository usb <<<$'location = "/mnt/usb/restic"\npassword-file = "/srv/stand-in/key"'
seen usb
systemctl stop igotchuu-fresh@d.timer # an orphan would be told
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in", "usb"]'
reload
keeps() {
    rm -rf /mnt/usb
    mode good
    systemctl start igotchuu@d
    assert_outcome d pending
    all_told "$1"
    mkdir -p /mnt/usb/restic
    mode bad
}
sends() {
    ! systemctl start igotchuu-send@d || fail 'it was sent'
    all_told "$1"
    systemctl reset-failed igotchuu-send@d
}
keeps 21 # the last run had failed
sends 22
assert_says "$(last_mail)" "Subject: igotchuu: backup of d failed on $(hostname)"
assert_says "$(last_mail)" '  unit      igotchuu-send@d.service'
sends 22
sends 22
keeps 22
sends 23
sends 23
