#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where a restore stages, root writes: a directory or a link that somebody else has put under its name, before or meanwhile, gets nothing, and costs nothing.
. "$(dirname "$0")/stage.sh"
evidence() { cat "$stage/said"; ls -lAR /srv/d /srv/loot; }
undo() { userdel --remove carol; rm -rf /srv/loot; }

user carol
as_carol() { setpriv --reuid=carol --regid=carol --clear-groups "$@"; }
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
install -d -o carol -g carol /srv/d/carol /srv/d/carol/docs
echo stored >/srv/d/carol/docs/letter
chown carol:carol /srv/d/carol/docs/letter
echo stored >/srv/d/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
systemctl start igotchuu@d
rm /srv/d/file
name=/srv/d/.igotchuu-restore.$(newest d | cut --characters=1-16)
install -d -o carol -g carol /srv/loot

# as root, under the name that the same restore would go on with
refused() {
    ! said=$(igotchuu restore d /srv/d/file --yes 2>&1) || fail "$1 is used"
    [ ! -e /srv/d/file ] && [ -z "$(ls -A /srv/loot)" ] || fail "$1: something was restored: $said"
    rm -r "$name"
}
install -d -m 0700 -o carol -g carol "$name"
refused "carol's directory"
assert_says "$said" 'not root'
install -d -m 0755 "$name"
refused 'one that others see into'
ln -s /srv/loot "$name"
refused 'a link'
install -d -m 0700 "$name"
ln -s /srv/loot "$name/files"
refused 'a link in it'

# as carol, who moves it away while restic works, and puts another one, or a link, in its place
moved() {
    rm -rf /srv/d/carol/docs
    held_at restore
    igotchuu restore d /srv/d/carol/docs --as carol --yes >"$stage/said" 2>&1 &
    await 30 'restic' pgrep --full '^/bin/sh -p /usr/bin/restic.* restore '
    name=$(echo /srv/d/carol/.igotchuu-restore.*)
    as_carol mv "$name" /srv/d/carol/moved
    "$@"
    let_go
    ! wait $! || fail "$1: nobody was told"
    assert_says "$(cat "$stage/said")" 'somebody has moved it'
    [ -z "$(find /srv/loot -mindepth 1 ! -name files)" ] || fail "$1: something came to what she has put there"
    [ -d "$name" ] && [ "$(ls -A /srv/d/carol/moved)" = '' ] || fail "$1: what she has put there is gone"
    rm -r "$name" /srv/d/carol/moved
}
directory() { as_carol mkdir "$name"; }
link() { as_carol mkdir --parents /srv/loot/files && as_carol ln -s /srv/loot "$name"; }
moved directory
moved link
