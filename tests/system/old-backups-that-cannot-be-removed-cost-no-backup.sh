#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic cannot remove what should go, or lies, or is killed on the way: the backup is there, the run says what is wrong and is no success, and the
# next one makes it good. What waits for another restic alone is put off.
. "$(dirname "$0")/stage.sh"

undo() { umount --quiet /usr/bin/restic; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
btrfs --quiet subvolume create /mnt/top/repositories
mkdir -p /srv/cheap/r
mount --bind /mnt/top/repositories /srv/cheap/r # where a file can be immutable
mkdir -p /srv/stand-in
cp /usr/bin/restic /srv/stand-in/real
cheap_repository r
# The real restic, that waits a second for a lock; with a script it does otherwise.
cat >/srv/stand-in/restic <<'SH'
#!/bin/sh -p
here=/srv/stand-in
for word; do
    shift
    [ "$word" = --retry-lock=300s ] && word=--retry-lock=1s
    set -- "$@" "$word"
done
case " $* " in
    *" forget --dry-run "*) [ ! -e $here/plan ] || . $here/plan ;;
    *" forget "*) [ ! -e $here/apply ] || . $here/apply ;;
esac
exec $here/real "$@"
SH
chmod +x /srv/stand-in/restic
mount --bind /srv/stand-in/restic /usr/bin/restic
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 1'
reload
systemctl start igotchuu-verify

snapshots() { on_r snapshots --json --no-lock | jq length; }
back_up_well() {
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
    [ "$(snapshots)" = 1 ] || fail "$(snapshots) snapshots are left"
}
back_up_partly() { # WHAT WORDS
    local before
    before=$(snapshots)
    next_second
    remember_host
    ! systemctl start igotchuu@d 2>/dev/null || fail "$1: a success"
    assert_exit igotchuu@d 3
    assert_outcome d partial
    assert_says "$(last d .message)" 'r: backed up; old snapshots could not be removed: '
    assert_says "$(last d .message)" "$2"
    [ "$(last d .repositories[0].retention.hold)" = failed ] || fail "$1: $(last d .repositories[0].retention)"
    [ "$(snapshots)" = $((before + 1 - $(last d .repositories[0].retention.removed))) ] || fail "$1: something is gone"
    assert_says "$(journal_of igotchuu@d | grep 'is partial' | tail -n 1)" 'holds all files'
    journalctl --quiet --output cat MESSAGE_ID=66b648692b6d4a16954830fc971dda4a | grep --quiet 'could not be removed from r' || fail "$1: the journal is silent"
    assert_host_as_before
}
back_up_well
back_up_well

chattr +i /srv/cheap/r/snapshots/*
back_up_partly 'immutable' 'restic could not remove 1 of 1: unable to remove snapshot/'
[ "$(last d '.repositories[0].retention | [.planned, .removed] | join(" ")')" = '1 0' ] || fail "counted: $(last d .repositories[0].retention)"
chattr -i /srv/cheap/r/snapshots/*
chattr +i "/srv/cheap/r/snapshots/$(newest d)" # of two that are to go
back_up_partly 'one is immutable' 'restic could not remove 1 of 2: unable to remove snapshot/'
[ "$(last d '.repositories[0].retention | [.planned, .removed] | join(" ")')" = '2 1' ] || fail "counted: $(last d .repositories[0].retention)"
[ "$(snapshots)" = 2 ] || fail "$(snapshots) snapshots are left"
journal_of igotchuu@d | grep --quiet 'from the repository; 1 of 2 were' || fail 'that one was removed is not said'
chattr -i /srv/cheap/r/snapshots/*
back_up_well

mkfifo "$stage/fifo"
on_r backup --stdin <"$stage/fifo" & # of another machine, that takes long
exec {open}>"$stage/fifo"
echo x >&"$open"
is_locked() { [ -n "$(ls /srv/cheap/r/locks)" ]; }
await 20 'the lock' is_locked
next_second
systemctl start igotchuu@d || fail 'what waits for another restic is no success'
assert_outcome d success
[ "$(last d '.repositories[0].retention | [.hold, .removed] | join(" ")')" = 'locked 0' ] || fail "locked: $(last d .repositories[0].retention)"
exec {open}>&-
wait
on_r forget "$(on_r snapshots --json --path /stdin | jq --raw-output '.[].id')"
back_up_well

echo 'exit 0' >/srv/stand-in/apply
back_up_partly 'it lies' 'restic says that they are removed, but 1 of 1 are still there'
echo 'kill -SEGV $$' >/srv/stand-in/apply
back_up_partly 'it crashes' 'signal 11'
rm /srv/stand-in/apply
for garbage in 'echo "["' 'echo "[7]"' 'echo "[{\"keep\":[{\"id\":\"x\"}]}]"' 'echo Fatal'; do
    echo "$garbage; exit 0" >/srv/stand-in/plan
    back_up_partly "the plan is: $garbage" 'cannot be understood'
done
echo '$here/real "$@" | sed "s/igotchuu-machine=[0-9a-f]*/igotchuu-machine=0/g"; exit 0' >/srv/stand-in/plan
back_up_partly 'the plan is of other snapshots' "is not the job's"
rm /srv/stand-in/plan
/usr/libexec/igotchuu-exec retention --confirm d >/dev/null # they have become many
back_up_well

remember_host
mkfifo -m 0666 /srv/stand-in/apply # restic waits between plan and removal
next_second
systemctl start --no-block igotchuu@d
wait_for_phase d forget
is_there() { pgrep --full '/srv/stand-in|/usr/bin/restic' --list-full | grep --quiet 'forget --json'; }
await 20 'restic to begin to remove' is_there
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
rm /srv/stand-in/apply
assert_outcome d killed
assert_host_as_before
[ "$(snapshots)" = 2 ] || fail "$(snapshots) snapshots are left"
back_up_well

mkfifo -m 0666 /srv/stand-in/apply
next_second
systemctl start --no-block igotchuu@d
wait_for_phase d forget
await 20 'restic to begin to remove' is_there
systemctl stop igotchuu@d
rm /srv/stand-in/apply
assert_exit igotchuu@d 0 # as ever: there is a snapshot, so the run is what it came to
assert_outcome d success
[ "$(last d .repositories[0].retention)" = null ] || fail "recorded: $(last d .repositories[0].retention)"
[ "$(snapshots)" = 2 ] || fail "$(snapshots) snapshots are left"
assert_host_as_before
back_up_well
umount /usr/bin/restic
