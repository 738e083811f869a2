#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Root restores nothing where somebody else could lead it astray; --as has that person's rights and no more: no link of hers leads out of what is hers, and she sees nothing of
# the repository's key.
. "$(dirname "$0")/stage.sh"
evidence() { cat "$stage/said"; ps -eo args | grep restic; }
undo() { userdel --remove carol; rm -rf /srv/loot /srv/new; }

user carol
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
install -d -o carol -g carol /srv/d/carol/docs /srv/d/carol/docs/sub /srv/d/carol/read-only
for name in docs/letter docs/root docs/sub/file docs/z read-only/file; do echo stored >"/srv/d/carol/$name"; done
chown -R carol:carol /srv/d/carol
chown root:root /srv/d/carol/docs/root
chmod 0555 /srv/d/carol/read-only
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
mkdir /srv/loot

rm -r /srv/d/carol/docs /srv/d/carol/read-only
! said=$(igotchuu restore d /srv/d/carol/docs --yes 2>&1) || fail 'root restores into what is hers'
assert_says "$said" 'belongs to carol'
assert_says "$said" '--as carol'
[ ! -e /srv/d/carol/docs ] || fail 'refused, and done'

# a link in the way, whoever restores
setpriv --reuid=carol --regid=carol --clear-groups ln -s /srv/loot /srv/d/carol/docs
for as in root carol; do
    status=0
    said=$(igotchuu restore d /srv/d/carol/docs/letter --as $as --yes 2>&1) || status=$?
    [ $status -ne 0 ] || fail "through her link, as $as"
done
assert_says "$said" 'link'
[ -z "$(ls /srv/loot)" ] || fail 'her link led to /srv/loot'
rm /srv/d/carol/docs

# she may not read what restic holds while it works for her
held_at restore
igotchuu restore d /srv/d/carol --as carol --yes >"$stage/said" 2>&1 &
waits() { pgrep --full '^/bin/sh -p /usr/bin/restic.* restore' >/dev/null; }
await 30 'restic' waits
for process in $(pgrep --full '^/bin/sh -p /usr/bin/restic.* restore'); do
    setpriv --reuid=carol --regid=carol --clear-groups ls "/proc/$process/fd/" >/dev/null 2>&1 && fail 'she sees what restic has opened'
    grep --quiet '^CapEff:.*0000000000000004$' "/proc/$process/status" || fail "its capabilities: $(grep Cap "/proc/$process/status")"
done
let_go
status=0
wait $! || status=$?
said=$(cat "$stage/said")
[ $status = 3 ] || fail "what has lost its owner makes it $status: $said"
assert_says "$said" '/srv/d/carol/docs/root'
[ "$(stat --format='%U %a' /srv/d/carol/docs/letter)" = 'carol 644' ] || fail "hers is $(stat --format='%U %a' /srv/d/carol/docs/letter)"
[ "$(stat --format=%U /srv/d/carol/docs/root)" = carol ] || fail 'root gave something away'
[ "$(stat --format=%a /srv/d/carol/read-only)" = 555 ] && [ "$(cat /srv/d/carol/read-only/file)" = stored ] || fail 'a directory that is read-only'

# what she puts in the place of a directory meanwhile costs what belongs in that, and no more
rm /srv/d/carol/docs/sub/file /srv/d/carol/docs/z
held_at restore
igotchuu restore d /srv/d/carol --as carol --yes >"$stage/said" 2>&1 &
await 30 'restic' waits
setpriv --reuid=carol --regid=carol --clear-groups sh -c 'mv /srv/d/carol/docs/sub /srv/d/carol/docs/moved && ln -s /srv/loot /srv/d/carol/docs/sub'
let_go
status=0
wait $! || status=$?
said=$(cat "$stage/said")
[ $status = 3 ] || fail "a link that came meanwhile makes it $status: $said"
assert_says "$said" '/srv/d/carol/docs/sub'
[ "$(cat /srv/d/carol/docs/z)" = stored ] || fail "what has nothing to do with it has not come: $said"
[ -z "$(ls /srv/loot)" ] || fail 'her link led to /srv/loot'
[ -z "$(find /srv/d -name '.igotchuu-restore*')" ] || fail 'something was left behind'

# what ends halfway leaves nothing either
rm /srv/d/carol/docs/z
! said=$(strace --follow-forks --quiet=all --output=/dev/null --inject=fchownat:error=EIO igotchuu restore d /srv/d/carol/docs/z --as carol --yes 2>&1) || fail 'what nobody can give her'
assert_says "$said" 'cannot give carol what has come'
[ -z "$(find /srv/d -name '.igotchuu-restore*')" ] || fail "something was left behind: $said"

# beside, into a directory that others get to: what came there is hers, and nobody is to get there the next time
mkdir -m 0755 /srv/new
said=$(igotchuu restore d /srv/d/carol --to /srv/new --yes 2>&1) || fail "into a new directory: $said"
rm /srv/new/carol/docs/letter
! said=$(igotchuu restore d /srv/d/carol --to /srv/new --yes 2>&1) || fail 'root restores into what is hers'
assert_says "$said" '--as carol'
assert_says "$said" 'chmod 0700 /srv/new'
chmod 0700 /srv/new
said=$(igotchuu restore d /srv/d/carol --to /srv/new --yes 2>&1) || fail "where nobody else gets to: $said"
[ "$(cat /srv/new/carol/docs/letter)" = stored ] || fail "it has not come: $said"

! said=$(igotchuu restore d /srv/d/carol/docs --to /srv/loot --as carol --yes 2>&1) || fail 'where she may not write'
assert_says "$said" 'Permission denied'
! said=$(igotchuu restore d /srv/d/carol/docs --to /tmp --yes 2>&1) || fail 'into what everybody may write to'
assert_says "$said" 'everybody'
[ -z "$(find /srv/d /srv/loot /srv/new -name '.igotchuu-restore*')" ] || fail 'something was left behind'
