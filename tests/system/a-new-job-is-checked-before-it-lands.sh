#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# new and edit: by options alone and on a terminal; what is wrong never lands, another job is never overwritten, Ctrl-C at a question leaves nothing.
. "$(dirname "$0")/stage.sh"

undo() { tmux kill-server; systemctl stop 'igotchuu@*.timer'; umount --lazy /mnt/plain; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>&1 </dev/null || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said")"; }
told() { assert_says "$(cat "$stage/said")" "$1"; }
shows() { tmux capture-pane -p -t person | grep --quiet --fixed-strings -- "$1"; }
typed() { tmux -f /dev/null set-option -s exit-empty off \; new-session -d -s person -x 110 -y 24 "trap : INT; $1; echo \"it exited with \$?\"; cat"; }
left_overs() { find /etc/igotchuu -name '.*' -type f; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
stand_in <<<'echo "$summary"'

echo '- by options'
exits 0 igotchuu new home /srv/d/ --repository stand-in --calendar weekly --exclude '*.o' --exclude '/srv/d/"quoted"'
told '/etc/igotchuu/jobs/home.toml'
grep --quiet --extended-regexp '^/srv/d: .* files, before what is excluded$' "$stage/said" || fail "$(cat "$stage/said")"
state_is igotchuu@home.timer active || fail 'its timer does not run'
exits 0 igotchuu show home --json
[ "$(jq --compact-output '[.settings[] | select(.key == ("sources", "exclude", "repositories", "timer.OnCalendar")) | .value]' "$stage/said")" = \
    '[["/srv/d"],["*.o","/srv/d/\"quoted\""],["stand-in"],"weekly"]' ] || fail "$(cat "$stage/said")"
exits 0 igotchuu new 'TV Shows' /srv/d --repository stand-in --run
assert_outcome 'TV\x20Shows' success

echo '- a fault of another file keeps no new job from its first run'
job wrong <<<$'sources = ["/srv/d"]\n[timer]\nOnCalendar = "25:00"'
exits 0 igotchuu new despite /srv/d --repository stand-in --run
told /etc/igotchuu/jobs/wrong.toml
assert_outcome despite success
exits 78 igotchuu new hinted /srv/d --repository stand-in
told 'to run it now: igotchuu run hinted'
state_is igotchuu@hinted.timer active || fail 'its timer does not run'
rm /etc/igotchuu/jobs/wrong.toml
exits 0 igotchuu reload

echo '- what has no snapshot is backed up by who says so; a link is followed'
mkdir -p /mnt/plain
mount -t tmpfs none /mnt/plain
mkdir /mnt/plain/d
exits 64 igotchuu new plain /mnt/plain/d --repository stand-in
told 'can take no snapshot of /mnt/plain/d (on tmpfs)'
told '--snapshot none'
[ ! -e /etc/igotchuu/jobs/plain.toml ] || fail 'a job of which each run fails has landed'
exits 0 igotchuu new plain /mnt/plain/d --repository stand-in --snapshot none --run
assert_outcome plain success
exits 78 igotchuu new other /srv/d --repository stand-in --snapshot nine
told 'snapshot'
typed 'igotchuu new mixed /srv/d /mnt/plain/d --repository stand-in --calendar daily'
await 10 'the question' shows 'Back it up as it is all the same?'
tmux send-keys -t person Enter
await 10 'the end' shows 'nothing was written'
[ ! -e /etc/igotchuu/jobs/mixed.toml ] || fail 'Enter is not a No'
tmux kill-session -t person
typed 'igotchuu new mixed /srv/d /mnt/plain/d --repository stand-in --calendar daily'
await 10 'the question' shows 'Back it up as it is all the same?'
tmux send-keys -t person y Enter
await 30 'the last question' shows 'Run it now?'
tmux send-keys -t person Enter
await 30 'the first run' shows 'it exited with 0'
assert_outcome mixed success
tmux kill-session -t person
exits 0 igotchuu show mixed --json
[ "$(jq --compact-output '[.settings[] | select(.key == "live") | .value]' "$stage/said")" = '[["/mnt/plain/d"]]' ] || fail "$(cat "$stage/said")"
ln -s /srv/d /srv/link
exits 0 igotchuu new linked /srv/link --repository stand-in --run
mkdir $'/srv/d/caf\xe9'
exits 64 igotchuu new cafe $'/srv/d/caf\xe9' --repository stand-in
told 'is no UTF-8'
exits 1 igotchuu new cafe /srv/d --repository stand-in --exclude $'caf\xe9'
told 'is no UTF-8'
assert_outcome linked success

echo '- what is wrong never lands'
before=$(find /etc/igotchuu -type f | sort)
exits 64 igotchuu new home /srv/d
told 'there is a job home already'
exits 64 igotchuu new other /nowhere
exits 64 igotchuu new a/b /srv/d
exits 64 igotchuu new .hidden /srv/d
exits 78 igotchuu new other /srv/d --calendar fooday
told '/etc/igotchuu/jobs/other.toml:15:1: timer.OnCalendar: "fooday" is no calendar that systemd understands'
exits 1 runuser --user nobody -- igotchuu new other /srv
told 'cannot write into /etc/igotchuu/jobs: Permission denied (run it as root'
exits 78 igotchuu new other /srv/d --repository nowhere
told '/etc/igotchuu/jobs/other.toml'
long=$(printf '%2000s' x) # a disk that is full is met in the midst of the text, too
(ulimit -f 1 && trap '' XFSZ && exits 1 igotchuu new other /srv/d --repository stand-in --exclude "$long")
told 'File too large'
job long <<<"# $long"
(ulimit -f 1 && trap '' XFSZ && exits 1 igotchuu edit long)
told 'File too large'
rm /etc/igotchuu/jobs/long.toml
[ "$(find /etc/igotchuu -type f | sort)" = "$before" ] || fail "left: $(find /etc/igotchuu -type f)"

echo '- whoever has a narrow umask has a directory that others can look into'
mv /etc/igotchuu "$stage/igotchuu"
exits 0 bash -c 'umask 0077 && igotchuu new narrow /srv/d'
[ "$(stat --format %a /etc/igotchuu /etc/igotchuu/jobs /etc/igotchuu/jobs/narrow.toml | paste --serial --delimiters ' ')" = '755 755 644' ] || fail "$(stat /etc/igotchuu /etc/igotchuu/jobs)"
rm -r /etc/igotchuu
mv "$stage/igotchuu" /etc/igotchuu
exits 0 igotchuu reload

echo '- on a terminal it asks; Ctrl-C leaves nothing'
typed 'igotchuu new asked /srv/d'
await 10 'the question' shows 'When shall it run'
tmux send-keys -t person C-c
await 10 'the end' shows 'it exited with 130'
[ "$(find /etc/igotchuu -type f | sort)" = "$before" ] || fail "Ctrl-C left: $(find /etc/igotchuu -type f)"
tmux kill-session -t person
typed 'igotchuu new asked /srv/d'
await 10 'the question' shows 'When shall it run'
tmux send-keys -t person mothly Enter
await 10 'that it is none' shows '"mothly" is no calendar that systemd understands'
tmux send-keys -t person monthly Enter
await 10 'the next question' shows 'Where to, of default, stand-in'
tmux send-keys -t person stand-on Enter
await 10 'that there is none' shows 'there is no repository "stand-on"'
tmux send-keys -t person stand-in Enter
await 30 'the last question' shows 'Run it now?'
tmux send-keys -t person Nope Enter
await 10 'it again' eval '[ "$(tmux capture-pane -p -t person | grep --count "Run it now?")" = 2 ]'
tmux send-keys -t person Enter
await 30 'the first run' shows 'it exited with 0'
assert_outcome asked success
tmux kill-session -t person
typed 'igotchuu new later /srv/d --repository stand-in --calendar daily'
await 30 'the last question' shows 'Run it now?'
tmux send-keys -t person C-c
await 10 'the end' shows 'it exited with 130'
[ ! -e /var/lib/igotchuu/jobs/later.json ] || fail 'it runs after a Ctrl-C'
tmux kill-session -t person
typed 'igotchuu new never /srv/d --repository stand-in --calendar daily'
await 30 'the last question' shows 'Run it now?'
tmux send-keys -t person N Enter
await 10 'the end' shows 'to run it now: igotchuu run never'
[ ! -e /var/lib/igotchuu/jobs/never.json ] || fail 'it runs after a No'
grep --quiet monthly /etc/igotchuu/jobs/asked.toml || fail "$(cat /etc/igotchuu/jobs/asked.toml)"
tmux kill-session -t person

echo '- edit'
editor() { install -m 0755 /dev/stdin "$stage/editor" <<<$'#!/bin/sh\n'"$1"; }
export EDITOR="$stage/editor --wait" # with an option
chmod 0600 /etc/igotchuu/jobs/home.toml
editor 'sed --in-place s/weekly/hourly/ "$2"'
exits 0 igotchuu edit home
grep --quiet hourly /etc/igotchuu/jobs/home.toml || fail 'it was not changed'
[ "$(stat --format %a:%U /etc/igotchuu/jobs/home.toml)" = 600:root ] || fail 'its mode is another'
exits 0 igotchuu edit home
told 'nothing was changed'
editor 'sed --in-place "1i exclud = 1" "$2"'
exits 78 igotchuu edit home # nobody is asked, so what was written is kept
told '/etc/igotchuu/jobs/home.toml:'
kept=$(left_overs)
told "what was written is kept in $kept"
grep --quiet 'exclud = ' "$kept" || fail 'the wrong text is kept'
rm "$kept"
editor 'sed --in-place s/hourly/hourlie/ "$2"'
exits 78 igotchuu edit home
told '/etc/igotchuu/jobs/home.toml:15:1: timer.OnCalendar: "hourlie" is no calendar'
grep --quiet hourly /etc/igotchuu/jobs/home.toml || fail 'a schedule that nothing fires has landed'
rm "$(left_overs)"
editor 'exit 3'
exits 1 igotchuu edit home
[ -z "$(left_overs)" ] || fail "nothing was written, and it is kept: $(left_overs)"
exits 1 env EDITOR=/nowhere/editor igotchuu edit home
told 'there is no editor (/nowhere/editor): set EDITOR'
editor 'sed --in-place /timer/,/OnCalendar/d "$1"; exit 3'
mkdir "$stage/programs"
mv "$stage/editor" "$stage/programs/editor" # who has named none
exits 1 env --unset=EDITOR PATH="$stage/programs:$PATH" igotchuu edit home
told 'the editor editor exited with 3'
grep --quiet OnCalendar /etc/igotchuu/jobs/home.toml || fail 'half of a text has landed'
rm "$(left_overs)"
editor 'echo "# mine" >>"$2"; exit 3'
exits 1 igotchuu edit home
grep --quiet '# mine' "$(left_overs)" || fail 'an editor that dies takes the text with it'
rm "$(left_overs)"
echo '- edit: what comes meanwhile stays, and so do owner, ACL and a link'
editor 'echo "# mine" >>"$2"; echo "# theirs" >>/etc/igotchuu/jobs/home.toml'
exits 1 igotchuu edit home
told 'has been changed meanwhile'
grep --quiet '# theirs' /etc/igotchuu/jobs/home.toml || fail 'what came meanwhile is lost'
rm "$(left_overs)"
editor 'echo "# mine" >>"$2"'
for change in 'echo "# late" >>/etc/igotchuu/jobs/home.toml' \
    'sed --in-place "1i # late" /etc/igotchuu/jobs/home.toml' \
    'exec 5>>/etc/igotchuu/jobs/home.toml'; do # by somebody who will say what
    strace --quiet --trace=fsync,renameat2 --inject=renameat2:delay_enter=2s --output="$stage/calls" igotchuu edit home >"$stage/said" 2>&1 &
    editing=$!
    await 10 'the last look at the file' grep --quiet fsync "$stage/calls"
    eval "$change"
    ! wait $editing || fail "what came at the last moment ($change) is not seen"
    rm "$stage/calls"
    told 'has been changed meanwhile'
    [[ $change = exec* ]] || grep --quiet '# late' /etc/igotchuu/jobs/home.toml || fail "what came at the last moment ($change) is lost"
    ! grep --quiet '# mine' /etc/igotchuu/jobs/home.toml || fail 'both have landed'
    grep --quiet '# mine' "$(left_overs)" || fail 'what was written is lost'
    rm "$(left_overs)"
    sed --in-place '/# late/d' /etc/igotchuu/jobs/home.toml
done
exec 5>&-
user ada
chgrp ada /etc/igotchuu/jobs/home.toml
setfacl --modify user:ada:r /etc/igotchuu/jobs/home.toml
before=$(getfacl --absolute-names /etc/igotchuu/jobs/home.toml)
editor 'echo "# mine" >"$2.new"; cat "$2" >>"$2.new"; mv "$2.new" "$2"' # many replace it
exits 0 igotchuu edit home
grep --quiet '# mine' /etc/igotchuu/jobs/home.toml || fail 'it was not changed'
[ "$before" = "$(getfacl --absolute-names /etc/igotchuu/jobs/home.toml)" ] || fail 'owner, mode or ACL are others'
mv /etc/igotchuu/jobs/home.toml "$stage/home.toml"
ln -s "$stage/home.toml" /etc/igotchuu/jobs/home.toml
exits 1 igotchuu edit home
told "home.toml is a link: edit the file that it leads to, $stage/home.toml"
[ -L /etc/igotchuu/jobs/home.toml ] || fail 'the link is gone'
exits 64 igotchuu edit homf
grep --quiet 'exclud = ' /etc/igotchuu/jobs/home.toml && fail 'a fault has landed'
[ -z "$(left_overs)" ] || fail "left: $(left_overs)"
