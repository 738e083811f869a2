#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic crashes, lies, is killed, falls silent or stands still: the outcome is the true one in exit status and record, with its cause, and nothing is left.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<<'. $here/script'
echo 'echo "$summary"' >/srv/stand-in/script
systemctl start igotchuu@d
remember_host

# when WHAT STATUS OUTCOME WORDS <<SH
when() {
    local status
    cat >/srv/stand-in/script
    /usr/libexec/igotchuu-exec backup d 2>"$stage/said" && status=0 || status=$?
    [ $status = "$2" ] || fail "when $1: exit status $status: $(cat "$stage/said")"
    assert_outcome d "$3"
    assert_says "$(last d .message)" "$4"
    assert_host_as_before
}
when 'it calls nothing a success' 1 failed 'restic made no snapshot, though it calls this a success' <<<'exit 0'
when 'it fails behind a summary' 1 failed 'exit status 1: Fatal: oh no' <<<'echo "$summary"; echo "Fatal: oh no" >&2; exit 1'
when 'it crashes' 1 failed 'restic crashed: panic: oh no' <<<'echo "$summary"; printf "panic: oh no\n\ngoroutine 1\n" >&2; exit 2'
when 'it misses files, with a snapshot' 3 partial '1 files could not be read' <<'SH'
echo '{"message_type":"error","error":{"message":"open /srv/d/y: input/output error"},"during":"archival","item":"/srv/d/y"}' >&2
echo "$summary"; exit 3
SH
when 'it misses files, without a snapshot' 1 failed 'and made no snapshot' <<<'exit 3'
when 'it says success and an error' 3 partial '1 files could not be read' <<'SH'
echo '{"message_type":"error","error":{},"during":"archival","item":"/srv/d/y"}' >&2
echo "$summary"
SH
when 'the repository is gone' 1 failed 'there is no repository at /srv/stand-in' <<<'exit 10'
when 'the repository is locked' 1 failed 'is locked' <<<'exit 11'
when 'the password is wrong' 1 failed 'is wrong' <<<'exit 12'
when 'somebody else interrupts it' 1 failed 'nobody asked this run to stop' <<<'exit 130'
when 'it exits with a number of the future' 1 failed 'exit status 77' <<<'echo "$summary"; exit 77'
when 'it falls over its own feet' 1 failed 'signal 11' <<<'echo "$summary"; kill -SEGV $$'
when 'the kernel has no memory for it' 1 failed 'out of memory?' <<<'echo "$summary"; kill -KILL $$'
when 'its snapshot is in no repository' 1 failed 'not in the repository' <<<'echo "$summary" | sed s/000/fff/'
when 'it closes its outputs and goes on' 0 success '' <<<'echo "$summary"; exec >&- 2>&-; sleep 0.3; touch $here/done'
[ -e /srv/stand-in/done ] || fail 'it was not waited for'
when 'garbage is all around' 0 success '' <<'SH'
garbage() { printf 'text\nnull\n[]\n7\n{"message_type":"sum\n\0\0\n{"message_type":"new"}\n{"message_type":"status","percent_done":"x"}\n\351\033[2J\n{'; }
garbage; garbage >&2; echo; printf '%s' "$summary"
SH
! grep --quiet --perl-regexp '[\x00-\x08\x0b-\x1f]' "$stage/said" || fail 'its garbage came through to the terminal'

cat >/srv/stand-in/script <<'SH'
trap 'echo INT >>$here/signals; exit 130' INT
echo $$ >$here/process
kill -STOP $$
while :; do sleep 0.02; done
SH
systemctl start --no-block igotchuu@d
says_so() { journal_of igotchuu@d | grep --quiet 'restic stands still, stopped by SIGSTOP'; }
await 10 'the journal to say that restic stands still' says_so
assert_says "$(systemctl show --property StatusText --value igotchuu@d)" 'restic stands still'
journal_of igotchuu@d | grep --quiet "kill -CONT $(cat /srv/stand-in/process)" || fail 'the remedy is another'
systemctl stop igotchuu@d
assert_exit igotchuu@d 130
assert_outcome d stopped
[ "$(cat /srv/stand-in/signals)" = INT ] || fail "it heard: $(cat /srv/stand-in/signals)"
[ "$(last d .message)" = 'stand-in: stopped while restic was running' ] || fail "it was killed: $(last d .message)"
assert_host_as_before
