#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic tries for 15 minutes to lock a repository on a read-only file system, with the snapshot held all the while. To restore from it no lock is needed. One that is named by a link is
# such a one for the unit, which may write to what is named only.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
install -m 0600 /dev/stdin /etc/password <<<secret
mkdir -p "$stage/usb"
for place in "$stage/usb/r" /srv/d/r; do RESTIC_PASSWORD=secret restic --quiet --no-cache --repo "$place" init; done
echo stored >/srv/d/file
RESTIC_PASSWORD=secret restic --quiet --no-cache --repo "$stage/usb/r" backup /srv/d/file
mount --bind "$stage/usb" "$stage/usb" && mount -o remount,bind,ro "$stage/usb"
ln -sfn /srv/d "$stage/link"
# refused LOCATION WORD: in the unit, and by hand unless it works there
by_hand=refused
refused() {
    repository r <<<$'location = "'"$1"$'"\npassword-file = "/etc/password"'
    reload
    ! timeout 20 systemctl start igotchuu@d 2>/dev/null || fail "$1: it ran"
    assert_exit igotchuu@d 1
    assert_outcome d failed
    assert_says "$(last d .message)" "$1"
    assert_says "$(last d .message)" "$2"
    if [ "$by_hand" = works ]; then
        /usr/libexec/igotchuu-exec backup d 2>/dev/null || fail "$1: by hand it did not run"
    else
        ! said=$(timeout 20 /usr/libexec/igotchuu-exec backup d 2>&1) || fail "$1: it ran"
        assert_says "$said" "$2"
    fi
    assert_host_as_before
}
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
remember_host
refused "$stage/usb/r" read-only
said=$(timeout 60 igotchuu restore --repository "$stage/usb/r" --password-file /etc/password /srv/d/file --to "$stage/back" --yes 2>&1) || fail "restore: $said"
[ "$(cat "$stage/back/file")" = stored ] || fail "it has not come: $said"
by_hand=works
refused "$stage/link/r" 'name its real path, /srv/d/r'
umount "$stage/usb"
rm /etc/password
