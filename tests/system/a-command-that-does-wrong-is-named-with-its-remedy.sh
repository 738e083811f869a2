#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A prepare that is missing, fails, hangs, prints garbage or too much, or names what cannot be backed up: one clear error each, and nothing is left.
. "$(dirname "$0")/stage.sh"
mkdir -p /srv/d /srv/programs/{copy,empty}
echo x | tee /srv/d/file >/srv/programs/copy/file
ln -s copy /srv/programs/link
printf '#!/bin/sh\nexit\n' >/srv/programs/plain
printf '#!/nowhere/sh\n' | install -m 0755 /dev/stdin /srv/programs/without-interpreter
printf '#!/bin/sh\ntouch /srv/programs/cleaned\n' | install -m 0755 /dev/stdin /srv/programs/clean
stand_in <<<'echo "$summary"'
mkdir -p /srv/same
mount --bind /srv/d /srv/same
remember_host

# refuses PREPARE WORDS…: the array, with more keys behind it where there are some
refuses() {
    local prepare=$1
    shift
    rm -f /srv/programs/cleaned
    job d <<TOML
sources = ["/srv/d"]
repositories = ["stand-in"]
snapshot = "command"
cleanup = ["/srv/programs/clean"]
prepare = $prepare
TOML
    systemctl daemon-reload
    systemctl start igotchuu@d 2>/dev/null && fail "this was a success: $prepare"
    assert_outcome d failed
    for words; do assert_says "$(last d .message)" "$words"; done
    [ -e /srv/programs/cleaned ] || fail "no cleanup after: $prepare"
    [ -z "$(ls -A /var/lib/igotchuu/prepared)" ] || fail "a mark is left after: $prepare"
    systemctl reset-failed
}
prints() { local text=$1; shift; refuses "[\"/bin/sh\", \"-c\", '''$text''']" "$@"; }

refuses '["/srv/programs/none"]' 'prepare failed: /srv/programs/none is not there'
refuses '["/tmp/none"]' 'the backup has a /tmp of its own'
refuses '["/srv/programs/plain"]' 'is not a program: make it executable (chmod +x)'
refuses '["/srv/programs"]' 'is not a program'
refuses '["/srv/programs/without-interpreter"]' 'cannot be executed'
refuses $'["none.service"]\nprepared = ["/srv/programs/copy"]' 'the unit none.service' 'not found' 'systemctl status none.service'
refuses $'["/bin/sleep", "infinity"]\nprepare-timeout = 1' '/bin/sleep did not end within 1s and was ended (the key prepare-timeout)'
prints 'echo one >&2; printf "the \033[31mlast\n" >&2; exit 7' 'ended with exit status 7: the \x1b[31mlast'
prints 'kill -9 $$' 'prepare failed: /bin/sh ended with exit status'
prints 'true' 'prepare printed no directory for /srv/d: a line a source is expected: SOURCE, a tab, DIRECTORY'
prints 'echo Create a snapshot' 'prepare printed "Create a snapshot": "Create a snapshot" is not an absolute path'
prints 'printf "/srv/x\t/srv/programs/copy"' 'that is none of this backup'
prints 'echo /srv/programs/copy; echo /srv/programs/copy' 'there is a line about that source already'
prints 'yes /srv/programs | head --bytes=3M' 'printed more than 1 MiB'
prints 'echo /srv/programs/none' 'prepare made /srv/programs/none for /srv/d, which is not there'
prints 'mkdir -p /tmp/made-here; echo /tmp/made-here' 'which is not there for the backup, which has a /tmp of its own'
prints 'echo /srv/programs/clean' 'which is not a directory'
prints 'echo /srv/programs/link' 'which leads through a symbolic link'
prints 'echo /srv/d' 'is or holds the source /srv/d itself' 'snapshot = "none"'
prints 'echo /srv' 'is or holds the source /srv/d itself'
prints 'echo /srv/same' 'is or holds the source /srv/d itself' # by another name
prints 'echo /srv/programs/empty' 'which is empty, while the source is not: is it mounted?'
prints 'mkdir -p /srv/stand-in/data; echo /srv/stand-in/data' 'is or holds /srv/stand-in, where this backup is written to'
prints 'echo /var/lib/igotchuu/jobs' 'where this backup is written to'

# where prepare cannot even begin, cleanup could not either, and would never be got rid of
job d <<<$'sources = ["/srv/d"]\nsnapshot = "command"\ncleanup = ["/bin/false"]\nprepare = ["/bin/true"]\nprepare-user = "nobody-at-all"'
systemctl daemon-reload
systemctl start igotchuu@d && fail 'nobody-at-all has prepared something'
assert_says "$(last d .message)" 'prepare cannot be run as "nobody-at-all": there is no such user (the key prepare-user)'
[ -z "$(ls -A /var/lib/igotchuu/prepared)" ] || fail 'a mark is left by what never began'

# where the unit hides what the host has there, what it sees instead is not taken for it
admin <<<$'[Service]\nTemporaryFileSystem=/srv/programs/hidden:ro\nBindReadOnlyPaths=/usr/share:/srv/programs/hidden/share'
prints 'mkdir -p /srv/programs/hidden/share; echo y >/srv/programs/hidden/share/file; echo /srv/programs/hidden/share' \
    'another directory in the namespace of the backup than on the host'

assert_host_as_before
umount /srv/same
rm -rf /srv/programs /srv/same /tmp/made-here
