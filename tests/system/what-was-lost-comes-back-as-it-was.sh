#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu restore brings back a file, a tree, a file whose directories are gone with it, to where they were or beside: every byte, owner, right, time, attribute and link.
. "$(dirname "$0")/stage.sh"
undo() { rm -rf /root/back /srv/carol; userdel --remove carol; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
install -d -m 0750 -o 1000 -g 1000 /srv/d/shared/a /srv/d/shared/a/b
echo deep >/srv/d/shared/a/b/file
chmod 0640 /srv/d/shared/a/b/file
chown 1000:1000 /srv/d/shared/a/b/file
setfacl --modify user:nobody:rx /srv/d/shared/a
setfattr --name user.colour --value red /srv/d/shared/a/b
touch --date '2003-04-05 06:07:08.123456789' /srv/d/shared/a/b /srv/d/shared/a
touch --date '2002-02-02' /srv/d/shared
btrfs --quiet subvolume create /srv/d/volume
echo inside >/srv/d/volume/file
chown 1000:1001 /srv/d/volume
chmod 2750 /srv/d/volume
chmod 0751 /srv/d
touch --date '2004-04-04 04:04:04.123456789' /srv/d/volume /srv/d
of() { stat --format='%u:%g %a %y' "$@"; }
of /srv/d/volume /srv/d >"$stage/rights"
btrfs --quiet subvolume snapshot -r /srv/d /mnt/top/before
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d

# a whole tree
rm -rf /srv/d/alice
said=$(igotchuu restore d /srv/d/alice --yes 2>&1) || fail "the tree: $said"
assert_says "$said" 'Restored: '
assert_same /mnt/top/before/alice /srv/d/alice
[ "$(stat --format=%b /srv/d/alice/sparse.img)" -lt 1000 ] || fail 'the holes of a sparse file were filled'

# a file, with the directories that it was in; those that are there stay as they are
rm -rf /srv/d/shared/a
chmod 0711 /srv/d/shared
said=$(cd /srv/d && igotchuu restore d shared/a/b/file --yes 2>&1) || fail "the file: $said"
assert_says "$said" '1 file and 2 directories'
assert_same /mnt/top/before/shared/a /srv/d/shared/a
[ "$(stat --format=%a /srv/d/shared)" = 711 ] || fail 'a directory that was there has other rights now'
setpriv --reuid=1000 --regid=1000 --clear-groups cat /srv/d/shared/a/b/file >/dev/null || fail 'its owner cannot get to it'

# beside; several paths, one inside another
said=$(igotchuu restore d /srv/d/alice /srv/d/bob /srv/d/alice/note.txt --to /root/back --yes 2>&1) || fail "beside: $said"
assert_same /mnt/top/before/alice /root/back/alice
assert_same /mnt/top/before/bob /root/back/bob
[ "$(stat --format=%a /root/back)" = 700 ] || fail 'others see what was restored beside'
said=$(igotchuu restore d /srv/d/alice --to /root/back --yes 2>&1) || fail "once more: $said"
assert_says "$said" 'There is nothing to restore.'

# beside, one of them below a directory that is not asked for; the directory that is made is root's alone, or the person's
rm -rf /root/back
igotchuu restore d /srv/d/shared/a/b/file /srv/d/bob --to /root/back --yes >/dev/null
[ "$(cd /root/back && find . -maxdepth 1 | sort | xargs)" = '. ./bob ./file' ] || fail "a way is no file: $(find /root/back)"
[ "$(stat --format='%U %a' /root/back)" = 'root 700' ] || fail "made beside: $(of /root/back)"
user carol
install -d -o carol /srv/carol
igotchuu restore d /srv/d/volume/file --to /srv/carol/back --as carol --yes >/dev/null || [ $? = 3 ] # it was not hers
[ "$(stat --format='%U:%G %a' /srv/carol/back)" = 'carol:carol 700' ] || fail "made for a person: $(of /srv/carol/back)"

# the roots of a source and of a subvolume in it, into which restic restores: it gives them nothing
rm /srv/d/volume/file
chown 0:0 /srv/d/volume
chmod 0700 /srv/d/volume /srv/d
said=$(igotchuu restore d /srv/d --yes 2>&1) || fail "the source: $said"
assert_says "$said" 'directories get owner, rights and times of the snapshot'
of /srv/d/volume /srv/d | diff "$stage/rights" - || fail 'a subvolume has not got its rights back'
[ "$(cat /srv/d/volume/file)" = inside ] || fail 'what is in a subvolume'

# what an earlier backup has
next_second
echo second >/srv/d/bob/new
systemctl start igotchuu@d
id=$(newest d)
rm -rf /root/back
said=$(igotchuu restore d /srv/d --to /root/back --snapshot "${id:0:10}" --yes 2>&1) || fail "of one snapshot: $said"
[ "$(cat /root/back/d/bob/new)" = second ] || fail 'another snapshot than the named one'
! said=$(igotchuu restore d /srv/d/bob/new --to /root/back --at '3 days ago' --yes 2>&1) || fail 'of a time before the first backup'
assert_says "$said" 'there is no snapshot of '
! said=$(igotchuu restore d /srv/d/nothing --yes 2>&1) || fail 'what is in no backup'
assert_says "$said" '/srv/d/nothing is not in the snapshot'
! said=$(igotchuu restore d /srv/d/bbo/new --yes 2>&1) || fail 'a mistyped directory'
assert_says "$said" 'did you mean /srv/d/bob?'
[ -z "$(find /srv/d /root/back -name '.igotchuu-restore*')" ] || fail 'something was left behind'
