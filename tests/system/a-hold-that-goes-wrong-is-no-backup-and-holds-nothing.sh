#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program of the key hold that cannot start, dies, hangs or lets go too early: one clear error each, no backup that would pass for a good one, and nothing
# is held any more.
. "$(dirname "$0")/stage.sh"
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
mkdir -p /srv/programs
held=/srv/programs/held
undo() { fsfreeze --unfreeze /srv/d; rm -rf /srv/programs; }
printf '#!/bin/sh\nexit\n' >/srv/programs/plain
# one that does as it should
printf '#!/bin/sh -eu\ntrap "rm %s" EXIT\ntrap "exit 1" TERM\ntouch %s\necho READY\ncat\n' $held $held | install -m 0755 /dev/stdin /srv/programs/sound
stand_in <<<'touch $here/backed-up; echo "$summary"'
remember_host

# refuses PROGRAMS WORDS…: the array, with more keys behind it where there are some
refuses() {
    local programs=$1
    shift
    job d <<TOML
sources = ["/srv/d"]
repositories = ["stand-in"]
hold = $programs
TOML
    systemctl daemon-reload
    systemctl start igotchuu@d 2>/dev/null && fail "this was a success: $programs"
    assert_outcome d failed
    for words; do assert_says "$(last d .message)" "$words"; done
    [ ! -e /srv/stand-in/backed-up ] || fail "there is a backup after: $programs"
    [ ! -e $held ] || fail "it is held after: $programs"
    [ -z "$(systemctl list-units --no-legend --all 'igotchuu-hold-*')" ] || fail "a unit is left after: $programs"
    assert_host_as_before
    systemctl reset-failed
}
# shell TEXT WORDS…: the second of two programs is this script
shell() { local text=$1; shift; refuses "[[\"/srv/programs/sound\"], [\"/bin/sh\", \"-c\", '''$text''']]
hold-timeout = 4" "$@"; }

refuses '[["/srv/programs/none"]]' 'hold failed: /srv/programs/none is not there'
refuses '[["/srv/programs/sound"], ["/srv/programs/plain"]]' 'hold failed: /srv/programs/plain is not a program: make it executable (chmod +x)'
refuses $'[["/srv/programs/sound"]]\nhold-user = "nobody-at-all"' 'cannot be run as "nobody-at-all": is there such a user? (the key hold-user)'
shell 'exec sleep infinity' 'hold failed: /bin/sh did not say READY within 4s and was ended (the key hold-timeout)'
shell 'echo no lock today >&2; exec sleep infinity' 'was ended (the key hold-timeout): no lock today'
shell 'echo ready; exec >/dev/null; exec sleep infinity' 'did not say READY within 4s'
shell 'trap "" TERM; while :; do sleep 1; done' 'did not say READY within 4s'
shell 'echo "no lock, \033[31mnever" >&2; exit 3' 'hold failed: /bin/sh ended with exit status 3: no lock, \x1b[31mnever'
shell 'exit 0' 'hold failed: /bin/sh ended without a line READY: it is to print that line once everything is held'
shell 'printf READY' 'ended without a line READY'
shell 'echo NOT READY; echo READY soon; cat' 'did not say READY within 4s'
shell 'yes words | head --lines=100000; exit 0' 'ended without a line READY'

# it is gone when the snapshots are there, be it in the midst of them, with and without a word about it
shell 'echo READY' 'hold failed: /bin/sh ended before the snapshots were there: it is to go on until its standard input ends'
shell 'echo READY; echo lost the lock >&2; exit 4' 'hold failed: /bin/sh ended with exit status 4: lost the lock'
shell 'echo READY; kill -KILL $$' 'hold failed: /bin/sh'
job d <<'TOML'
sources = ["/srv/d"]
repositories = ["stand-in"]
hold = [["/srv/programs/early"]]
TOML
printf '#!/bin/sh\necho READY\nwhile [ -z "$(ls -A /mnt/top/.igotchuu 2>/dev/null)" ]; do :; done\n' | install -m 0755 /dev/stdin /srv/programs/early
btrfs --quiet subvolume create /srv/d/{1..100}                       # that takes a while
systemctl daemon-reload
for round in 1 2 3 4 5 6 7 8 9 10; do
    systemctl start igotchuu@d && fail "round $round: what was let go in mid-snapshot is a success"
    assert_says "$(last d .message)" 'ended before the snapshots were there'
    systemctl reset-failed
done
btrfs --quiet subvolume delete /srv/d/{1..100}

# told to let go, it does not, or not well
shell 'echo READY; cat; echo nothing to commit >&2; exit 5' 'hold failed: /bin/sh ended with exit status 5: nothing to commit'
shell 'echo READY; exec sleep infinity' 'hold failed: /bin/sh did not end within 4s and was ended (the key hold-timeout)'
shell 'trap "" TERM; echo READY; while :; do sleep 1; done' 'and was ended (the key hold-timeout)'
refuses $'[["/bin/sh", "-c", "echo READY; exec sleep infinity"], ["/srv/programs/sound"]]\nhold-timeout = 4' 'did not end within 4s'

# what is snapshotted is frozen: no snapshot until the time is over, and then it is thawed
printf '#!/bin/sh -eu\ntrap "fsfreeze --unfreeze /srv/d" EXIT\ntrap "exit 1" TERM\nfsfreeze --freeze /srv/d\necho READY\ncat\n' | install -m 0755 /dev/stdin /srv/programs/freeze
refuses $'[["/srv/programs/freeze"]]\nhold-timeout = 4' 'hold failed: the snapshots were not there within 4s (the key hold-timeout)' \
    'does a program freeze the very file system that is to be snapshotted?'
echo thawed >/srv/d/file

# snapshots that fail let go as well
sed --in-place 's|"/srv/d"|"/srv/d", "/srv/programs"|' /etc/igotchuu/jobs/d.toml
sed --in-place 's|freeze"|sound"|' /etc/igotchuu/jobs/d.toml
systemctl daemon-reload
systemctl start igotchuu@d && fail 'a source without snapshots is a success'
assert_says "$(last d .message)" 'snapshot = "auto" can take no snapshot of /srv/programs'
[ ! -e $held ] || fail 'it is held after a snapshot that failed'
sed --in-place 's|"/srv/programs/sound"|"/bin/sh", "-c", "echo READY; cat; exit 5"|' /etc/igotchuu/jobs/d.toml # nor does it hide why
systemctl daemon-reload
systemctl start igotchuu@d && fail 'a source without snapshots is a success'
assert_says "$(last d .message)" 'snapshot = "auto" can take no snapshot of /srv/programs'

# all is well once they are
refuses '[["/srv/programs/none"]]' 'is not there'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nhold = [["/srv/programs/sound"]]'
systemctl daemon-reload
systemctl start igotchuu@d
assert_outcome d success
assert_host_as_before
