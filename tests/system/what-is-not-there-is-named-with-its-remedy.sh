#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu's own directories before tmpfiles made them; a caller who is not root; a path where a name is wanted: each says what to type.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
systemctl start igotchuu@srv-d
remember_host
put_back() { # what a failure has left away
    for gone in /run/igotchuu /run/igotchuu/scratch /var/lib/igotchuu; do
        [ ! -e "$gone.gone" ] || { rm -rf "$gone" && mv "$gone.gone" "$gone"; }
    done
}
undo() { put_back; }
by_hand() { ! said=$(timeout 60 "$@" 2>&1) || fail "it ran: $*"; }
run=/usr/libexec/igotchuu-exec

for directory in /run/igotchuu /run/igotchuu/scratch /var/lib/igotchuu; do
    mv "$directory" "$directory.gone"
    by_hand $run backup srv-d
    assert_says "$said" "$directory"
    assert_says "$said" 'systemd-tmpfiles --create'
    if [ $directory != /var/lib/igotchuu ]; then # the unit has StateDirectory=
        ! systemctl start igotchuu@srv-d 2>/dev/null || fail "it ran without $directory"
        assert_says "$(journal_of igotchuu@srv-d)" 'systemd-tmpfiles --create'
    fi
    put_back
    assert_host_as_before
done

by_hand setpriv --reuid 1000 --regid 1000 --clear-groups $run backup srv-d
assert_says "$said" 'run it as root'
by_hand $run backup /srv/d
assert_says "$said" 'srv-d'
[[ $said != *'goes on'* ]] || fail "a run that never began goes on: $said"
