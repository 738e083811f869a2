#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# R4: a path that is mistyped or not mounted is a failed run, and nothing is made there. X3: a password that is not there is named, and never
# replaced by another. A repository of another user's works with that user's rights.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
mkdir -p /mnt/usb
install -m 0600 /dev/stdin /etc/password <<<secret
job d <<<$'sources = ["/srv/d"]\nrepositories = ["usb"]'
repository usb <<<$'location = "/mnt/usb/r"\npassword-file = "/etc/password"'
reload
remember_host
refused() {
    ! systemctl start igotchuu@d 2>/dev/null || fail "$1: was backed up"
    assert_exit igotchuu@d 1
    assert_outcome d failed
    assert_says "$(journal_of igotchuu@d)" "$2"
    [ -z "$(find /mnt/usb -mindepth 1)" ] || fail "$1: something was made in /mnt/usb"
    assert_host_as_before
}
refused 'not mounted' /mnt/usb/r
mv /etc/password /etc/gone
refused 'no password file' /etc/password
: >/etc/password
refused 'an empty password' /etc/password
mv /etc/gone /etc/password
repository usb <<<$'location = "/mnt/usb/r"\npassword-credential = "usb-password"'
reload
refused 'no credential' usb-password
[ ! -e /var/lib/igotchuu/repository.key ] || fail 'the embedded key was made'

mkdir -p /etc/credstore && install -m 0600 /etc/password /etc/credstore/usb-password
setpriv --reuid 1000 --regid 1000 --clear-groups true # uid 1000 needs no name
chown 1000:1000 /mnt/usb
setpriv --reuid 1000 --regid 1000 --clear-groups env RESTIC_PASSWORD=secret restic --quiet --no-cache --repo /mnt/usb/r init
systemctl start igotchuu@d
assert_outcome d success
[ -z "$(find /mnt/usb ! -uid 1000)" ] || fail "root's files are in another user's repository"

install -m 0600 /dev/stdin /etc/credstore/usb-password <<<wrong
! systemctl start igotchuu@d 2>/dev/null || fail 'a wrong password was taken'
assert_says "$(journal_of igotchuu@d)" 'password'
rm -rf /etc/credstore/usb-password /etc/password /mnt/usb/r
