#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A repository that has no place in the snapshot, since it lies in a subvolume that is left out: nothing live is put over more than itself, which would
# take the files around it out of the backup, and call that a success.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
mkdir /srv/home/bob
printf 'precious\n' >/srv/home/bob/file
btrfs --quiet subvolume create /srv/home/bob/frozen
btrfs --quiet subvolume create /srv/home/bob/frozen/live
btrfs property set /srv/home/bob/frozen ro true
install -m 0600 /dev/stdin /etc/igotchuu-password <<<secret
restic init --quiet --repo /srv/home/bob/frozen/live/repository --password-file /etc/igotchuu-password --no-cache
repository inside <<<$'location = "/srv/home/bob/frozen/live/repository"\npassword-file = "/etc/igotchuu-password"'

# refused WRITABLE: what the unit may write to is mounted on itself by systemd, as all of /home is by ProtectHome=.
refused() {
    job home <<<$'sources = ["/srv/home"]\nrepositories = ["inside"]\n[service]\nReadWritePaths = "'"$1"'"'
    reload
    ! systemctl start igotchuu@home 2>/dev/null || fail "$(last home .outcome) with ReadWritePaths=$1"
    assert_says "$(last home .message)" 'cannot go on using /srv/home/bob/frozen/live/repository: there is no place for it in the snapshot'
    assert_host_as_before
}
remember_host
refused /srv/home/bob
refused /srv/home
refused /mnt
